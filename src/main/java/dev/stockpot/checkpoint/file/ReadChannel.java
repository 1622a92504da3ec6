package dev.stockpot.checkpoint.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file on any file system that Java reaches, open for reads at any position. Several threads read at once if the file system
 * gives it a {@link FileChannel}, as the system's own does and a store's should; else they take turns.
 */
public record ReadChannel(SeekableByteChannel channel) implements Closeable {
    /** Opens a file. */
    public static ReadChannel open(Path path) throws IOException {
        return new ReadChannel(Files.newByteChannel(path, StandardOpenOption.READ));
    }

    /**
     * Reads some bytes from {@code offset} into the remaining space of {@code into}.
     *
     * @return how many; -1 at the end of the file
     */
    public int read(ByteBuffer into, long offset) throws IOException {
        if (channel instanceof FileChannel file) {
            return file.read(into, offset);
        }
        synchronized (channel) {
            return channel.position(offset).read(into);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
