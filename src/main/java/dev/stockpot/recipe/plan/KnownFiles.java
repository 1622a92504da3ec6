package dev.stockpot.recipe.plan;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.recipe.Provenance.ModelFile;
import dev.stockpot.system.FileDigest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A model's files, known by length and SHA-256: which file or folder they are. */
final class KnownFiles {
    /** How deep below a folder of models they are looked for: organisation, model, file. */
    private static final int DEPTH = 3;

    private final List<ModelFile> files;

    KnownFiles(List<ModelFile> files) {
        this.files = files;
    }

    /** Whether a file, a folder or an index is the model. Hashes are formed only where all lengths are right. */
    boolean are(Path model) {
        for (ModelFile file : files) {
            Path path = path(model, file);
            if (!Files.isRegularFile(path) || size(path) != file.bytes()) {
                return false;
            }
        }
        for (ModelFile file : files) {
            if (!FileDigest.sha256(path(model, file)).equals(file.sha256())) {
                return false;
            }
        }
        return true;
    }

    private static Path path(Path model, ModelFile file) {
        if (file.name().isEmpty()) {
            return model;
        }
        return Files.isDirectory(model)
                ? model.resolve(file.name().get())
                : model.resolveSibling(file.name().get());
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }

    /** The model among those in a folder, whatever its name; {@code name} is the one that it had. */
    Optional<Path> in(Path folder, String name) {
        boolean isFile = files.get(0).name().isEmpty();
        try (Stream<Path> all = Files.find(
                folder,
                DEPTH,
                (path, found) -> isFile ? found.isRegularFile() : found.isDirectory(),
                FileVisitOption.FOLLOW_LINKS)) {
            // In one order, whatever the file system's.
            for (Path candidate : all.sorted().toList()) {
                if (are(candidate)) {
                    Path index = candidate.resolve(name.substring(name.lastIndexOf('/') + 1));
                    return Optional.of(!isFile && Files.isRegularFile(index) ? index : candidate);
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw CheckpointException.unreadable(folder, e);
        } catch (UncheckedIOException e) {
            throw CheckpointException.unreadable(folder, e.getCause());
        }
    }
}
