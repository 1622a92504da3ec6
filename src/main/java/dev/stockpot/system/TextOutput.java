package dev.stockpot.system;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** A small text beside an output, such as its recipe: complete or absent. */
public final class TextOutput {
    private final Path file;

    private TextOutput(Path file) {
        this.file = file;
    }

    /**
     * Checks that the file may be written.
     *
     * @param replace whether an existing one is replaced
     * @param others files and folders that it must not be, nor be in
     * @throws CheckpointException if it may not
     */
    public static TextOutput of(Path file, boolean replace, List<Path> others) {
        try {
            Path place = file.toAbsolutePath().normalize();
            for (Path other : others) {
                boolean same = Files.exists(file) && Files.exists(other) && Files.isSameFile(file, other);
                if (same || place.startsWith(other.toAbsolutePath().normalize())) {
                    throw new CheckpointException(
                            Reason.IS_INPUT,
                            file,
                            "is " + (same ? "" : "in ") + other + ", which the run reads or writes");
                }
            }
            if (Files.isDirectory(file)) {
                throw new CheckpointException(
                        Reason.NOT_REPLACED, file, "is a directory, and a file was to be written there");
            }
            if (Files.exists(file) && !replace) {
                throw new CheckpointException(Reason.EXISTS, file, "exists already");
            }
            Path folder = place.getParent();
            if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
                throw new CheckpointException(
                        Reason.UNWRITABLE, file, "its folder " + folder + " does not exist, or is not writable");
            }
            return new TextOutput(file);
        } catch (IOException e) {
            throw CheckpointException.unwritable(file, e);
        }
    }

    /**
     * Writes it.
     *
     * @throws CheckpointException if it cannot be written; nothing is left then
     */
    public void write(String text) {
        Path place = file.toAbsolutePath();
        Path temporary =
                place.resolveSibling(TemporaryName.of(place.getFileName().toString()));
        try {
            Files.write(temporary, text.getBytes(StandardCharsets.UTF_8));
            Files.move(temporary, place, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw CheckpointException.unwritable(file, e);
        } finally {
            temporary.toFile().delete();
        }
    }
}
