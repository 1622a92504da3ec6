package dev.stockpot.memory;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file read or written past the page cache ({@code O_DIRECT}), in whole blocks of its file system. Files that do not fit into
 * memory then need not wait for pages to become free, and what else is cached stays.
 */
public final class DirectFile implements Closeable {
    private final FileChannel channel;
    private final int block;

    private DirectFile(FileChannel channel, int block) {
        this.channel = channel;
        this.block = block;
    }

    /**
     * Opens it.
     *
     * @throws IOException where it cannot be opened, or not so
     */
    public static DirectFile open(Path path, StandardOpenOption access) throws IOException {
        try {
            int block = Math.toIntExact(Files.getFileStore(path).getBlockSize());
            return new DirectFile(FileChannel.open(path, access, ExtendedOpenOption.DIRECT), block);
        } catch (UnsupportedOperationException | ArithmeticException e) {
            throw new IOException("its file system has no direct access", e);
        }
    }

    /** What places in the file, in memory and lengths of reads are multiples of; a power of two. */
    public int block() {
        return block;
    }

    /**
     * Reads the blocks that hold a span.
     *
     * @param into with room for the span and two blocks from {@code at} on, a place whose address is a multiple of a block
     * @return where in {@code into} the span begins
     * @throws EOFException where the file ends before
     * @throws IOException where it cannot be read
     */
    public long read(long offset, long bytes, Memory into, long at) throws IOException {
        long from = offset / block * block;
        long needed = offset - from + bytes;
        ByteBuffer blocks = into.slice(at, Math.toIntExact((needed + block - 1) / block * block));
        while (blocks.position() < needed) {
            // Only a file's end makes the count anything but whole blocks.
            if (blocks.position() % block != 0 || channel.read(blocks, from + blocks.position()) <= 0) {
                throw new EOFException();
            }
        }
        return at + offset - from;
    }

    /** Whether bytes can be written so: whole blocks of the file, whole blocks of memory. */
    public boolean takes(long offset, ByteBuffer bytes) {
        return offset % block == 0
                && bytes.remaining() % block == 0
                && bytes.isDirect()
                && bytes.alignmentOffset(bytes.position(), block) == 0;
    }

    /** The way to write what it {@link #takes}. */
    public FileChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
