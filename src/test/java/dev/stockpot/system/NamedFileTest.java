package dev.stockpot.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files and pipes that a user names. */
class NamedFileTest {
    private static final byte[] TEXT = {1, 2, 3};

    @TempDir
    Path folder;

    private Path pipe() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        return pipe;
    }

    @Test
    void filesAndPipesAreReadToTheLimit() throws Exception {
        Path file = Files.write(folder.resolve("file"), TEXT);
        assertArrayEquals(TEXT, NamedFile.read(file, 3));
        assertThrows(IOException.class, () -> NamedFile.read(file, 2));
        assertThrows(NoSuchFileException.class, () -> NamedFile.read(folder.resolve("none"), 2));
        assertThrows(IOException.class, () -> NamedFile.read(folder, 2));
        Path pipe = pipe();
        FutureTask<byte[]> reader = new FutureTask<>(() -> NamedFile.read(pipe, 3));
        new Thread(reader).start();
        Files.write(pipe, TEXT);
        assertArrayEquals(TEXT, reader.get(1, TimeUnit.MINUTES));
        assertThrows(IOException.class, () -> NamedFile.read(Path.of("/dev/zero"), 1000));
    }

    @Test
    void anInterruptionEndsTheWaitForAPipeWithoutAWriter() throws Exception {
        Path pipe = pipe();
        FutureTask<byte[]> reader = new FutureTask<>(() -> NamedFile.read(pipe, 3));
        Thread thread = new Thread(reader);
        thread.start();
        thread.interrupt();
        ExecutionException e = assertThrows(ExecutionException.class, () -> reader.get(1, TimeUnit.MINUTES));
        assertTrue(e.getCause() instanceof ClosedByInterruptException, e::toString);
        // The thread that opens it ends too.
        Files.write(pipe, TEXT);
    }
}
