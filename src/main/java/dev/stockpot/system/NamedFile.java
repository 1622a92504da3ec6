package dev.stockpot.system;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Small files that a user names: a table, coefficients. They may be pipes, as a shell's {@code <(command)} is. */
public final class NamedFile {
    private NamedFile() {}

    /**
     * All bytes of a file. An interruption ends the wait for a pipe that nothing writes to.
     *
     * @param most how many bytes are read at most
     * @throws IOException if it cannot be read, or is larger
     * @throws ClosedByInterruptException if the thread is interrupted
     */
    public static byte[] read(Path file, int most) throws IOException {
        return Files.isRegularFile(file) ? all(file, most) : apart(file, most);
    }

    private static byte[] all(Path file, int most) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException("it is larger than " + most + " bytes");
            }
            return bytes;
        }
    }

    /** Nothing ends the opening of a pipe before somebody else opens it too: left to a thread that nobody waits for. */
    private static byte[] apart(Path file, int most) throws IOException {
        FutureTask<byte[]> task = new FutureTask<>(() -> all(file, most));
        Thread thread = new Thread(task, "stockpot-read");
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        }
    }
}
