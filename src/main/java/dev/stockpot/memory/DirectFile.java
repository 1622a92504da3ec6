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
 * memory then need not wait for pages to become free, and other cached files stay cached.
 */
public final class DirectFile implements Closeable {
    private final FileChannel channel;
    private final int block;

    private DirectFile(FileChannel channel, int block) {
        this.channel = channel;
        this.block = block;
    }

    /**
     * Opens a file for direct access.
     *
     * @throws IOException if it cannot be opened, or has no direct access
     */
    public static DirectFile open(Path path, StandardOpenOption access) throws IOException {
        try {
            // The JVM wants multiples of the file system's block, and the disk may want larger ones.
            long needed = NativeLibrary.directBlock(path);
            if (needed == 0) {
                throw new IOException("its file system has no direct access to it");
            }
            long block = Math.max(Files.getFileStore(path).getBlockSize(), needed);
            return of(FileChannel.open(path, access, ExtendedOpenOption.DIRECT), Math.toIntExact(block));
        } catch (UnsupportedOperationException | ArithmeticException e) {
            throw new IOException("its file system has no direct access", e);
        }
    }

    /** Access through a channel that is open for it, in blocks of {@code block} bytes; closes the channel. */
    public static DirectFile of(FileChannel channel, int block) {
        return new DirectFile(channel, block);
    }

    /** The alignment of file offsets, memory addresses and lengths of reads, in bytes; a power of two. */
    public int block() {
        return block;
    }

    /**
     * Reads the blocks that hold a span.
     *
     * @param into memory with room for the span and two blocks from {@code at} on, where its address is a multiple of a block
     * @return where in {@code into} the span starts
     * @throws EOFException if the file ends too early
     * @throws IOException if it cannot be read
     */
    public long read(long offset, long bytes, Memory into, long at) throws IOException {
        long from = offset / block * block;
        long needed = offset - from + bytes;
        ByteBuffer blocks = into.slice(at, Math.toIntExact((needed + block - 1) / block * block));
        while (blocks.position() < needed) {
            // A short count means end of file.
            if (blocks.position() % block != 0 || channel.read(blocks, from + blocks.position()) <= 0) {
                throw new EOFException();
            }
        }
        return at + offset - from;
    }

    /** Whether bytes can be written directly: whole blocks of the file, from whole blocks of memory. */
    public boolean takes(long offset, ByteBuffer bytes) {
        return offset % block == 0
                && bytes.remaining() % block == 0
                && bytes.isDirect()
                && bytes.alignmentOffset(bytes.position(), block) == 0;
    }

    /** The channel to write the bytes that it {@link #takes}. */
    public FileChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
