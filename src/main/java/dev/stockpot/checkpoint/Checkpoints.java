package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.safetensors.Safetensors;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Opens checkpoints of every format, recognised by content. */
public final class Checkpoints {
    private static final String INDEX_ENDING = ".safetensors.index.json";

    private Checkpoints() {}

    /**
     * Opens a file, an index file or a model directory: reads and validates headers, no values.
     *
     * @throws CheckpointException where there is none, or it is damaged
     */
    public static Checkpoint open(Path path) {
        if (!Files.exists(path)) {
            throw new CheckpointException(path, "does not exist");
        }
        Path file = Files.isDirectory(path) ? inDirectory(path) : path;
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(file, "is not a regular file");
        }
        if (!Files.isReadable(file)) {
            throw new CheckpointException(file, "may not be read by this user");
        }
        if (file.getFileName().toString().endsWith(INDEX_ENDING)) {
            return Safetensors.openIndex(path, file);
        }
        FileSniffer found = FileSniffer.of(file);
        if (!found.safetensors()) {
            throw new CheckpointException(file, "is not a safetensors file but " + found.what(), found.hint(), null);
        }
        return Safetensors.open(path, file);
    }

    /** The file or index that stands for a model directory. */
    private static Path inDirectory(Path directory) {
        for (String name : List.of("model.safetensors", "model" + INDEX_ENDING)) {
            if (Files.exists(directory.resolve(name))) {
                return directory.resolve(name);
            }
        }
        try (Stream<Path> entries = Files.list(directory)) {
            List<Path> all = entries.sorted().toList();
            List<Path> indices = all.stream()
                    .filter(f -> f.toString().endsWith(INDEX_ENDING))
                    .toList();
            List<Path> candidates = indices.isEmpty()
                    ? all.stream()
                            .filter(f -> f.toString().endsWith(".safetensors"))
                            .toList()
                    : indices;
            if (candidates.size() == 1) {
                return candidates.get(0);
            }
            String names = (candidates.isEmpty() ? all : candidates)
                    .stream().limit(5).map(f -> f.getFileName().toString()).collect(Collectors.joining(", "));
            throw new CheckpointException(
                    directory,
                    candidates.isEmpty()
                            ? "holds no model.safetensors, nor an index of shards; it holds "
                                    + (names.isEmpty() ? "nothing" : names)
                            : "holds several checkpoints (" + names + "): name one of them");
        } catch (IOException e) {
            throw new CheckpointException(directory, "cannot be listed: " + e, null, e);
        }
    }
}
