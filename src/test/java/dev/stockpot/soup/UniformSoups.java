package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** Random models, and uniform soups of them. */
abstract class UniformSoups {
    @TempDir
    Path folder;

    Checkpoint write(UniformSoup soup, String name, Engine settings) throws InterruptedException {
        return Soups.write(soup, folder.resolve(name), settings);
    }

    static byte[] bytes(Checkpoint checkpoint) throws IOException {
        return Files.readAllBytes(checkpoint.path());
    }

    List<Path> models(int count) throws IOException {
        Random random = new Random(7);
        List<Path> files = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            files.add(TestFiles.write(folder.resolve("model " + k + ".safetensors"), TestFiles.randomModel(random)));
        }
        return files;
    }

    void assertNothingLeft() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> left = files.filter(f -> f.toString().contains("soup")).toList();
            assertEquals(List.of(), left);
        }
    }
}
