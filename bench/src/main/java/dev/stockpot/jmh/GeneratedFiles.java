package dev.stockpot.jmh;

import dev.stockpot.generate.CheckpointGenerator;
import dev.stockpot.generate.ModelShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Checkpoints for a trial, in a folder of their own that is deleted after it. */
final class GeneratedFiles implements AutoCloseable {
    private final Path folder;
    private final List<Path> files = new ArrayList<>();

    GeneratedFiles(ModelShape shape, int count) throws IOException, InterruptedException {
        folder = Files.createTempDirectory("stockpot-jmh");
        CheckpointGenerator generator =
                new CheckpointGenerator(shape, Runtime.getRuntime().availableProcessors());
        for (int k = 0; k < count; k++) {
            files.add(folder.resolve("model_" + k + ".safetensors"));
            generator.write(files.get(k), k + 1L);
        }
    }

    List<Path> paths() {
        return files;
    }

    long bytes() throws IOException {
        long bytes = 0;
        for (Path file : files) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    Path output() {
        return folder.resolve("soup.safetensors");
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
