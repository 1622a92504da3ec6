package dev.stockpot.evaluate.worker;

import dev.stockpot.error.EvaluationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** A private folder for one gradient: in memory where there is room, in the temporary folder otherwise. */
final class GradientFolder implements AutoCloseable {
    private static final Path MEMORY = Path.of("/dev/shm");
    /** What a file takes beside its values, generously. */
    private static final long BESIDE = 64L << 20;

    private final Path folder;

    private GradientFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Makes one, readable by this user alone.
     *
     * @param bytes of the values that are to go in
     * @throws EvaluationException where neither place can be written
     */
    static GradientFolder create(long bytes) {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            Path place = hasRoom(MEMORY, bytes) ? MEMORY : temporary;
            return new GradientFolder(Files.createTempDirectory(place, "stockpot-gradient-"));
        } catch (IOException e) {
            throw new EvaluationException("no folder for a gradient can be made: " + e, null, e);
        }
    }

    private static boolean hasRoom(Path place, long bytes) throws IOException {
        return Files.isDirectory(place)
                && Files.isWritable(place)
                && Files.getFileStore(place).getUsableSpace() >= Math.addExact(bytes, BESIDE);
    }

    /** Where the worker writes; not there yet. */
    Path file() {
        return folder.resolve("gradient.safetensors");
    }

    /**
     * Deletes the folder with all that the worker put into it. The file is cut to nothing before: its mapping lasts until
     * the garbage collector finds it, and would keep the memory till then.
     */
    @Override
    public void close() {
        try (Stream<Path> files = Files.list(folder)) {
            if (Files.isRegularFile(file())) {
                FileChannel.open(file(), StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)
                        .close();
            }
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be deleted", e);
        }
    }
}
