package dev.stockpot.bench;

import com.sun.nio.file.ExtendedOpenOption;
import dev.stockpot.memory.NativeMemory;
import dev.stockpot.system.Workers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads and writes whole files in blocks of 4 MiB: past the page cache ({@code O_DIRECT}), or through it. The least time that a
 * soup's bytes take, without any mixing.
 */
public final class DiskTransfer {
    /** A multiple of every file system's block size. */
    private static final int BLOCK = 4 << 20;

    /** A disk needs a few requests at a time to stay busy, however few the processors. */
    static final int LEAST_REQUESTS = 4;

    private final int threads;

    /**
     * Transfers with {@code threads} threads, at least 1; past the page cache with at least four, as a disk needs a few
     * requests at a time to stay busy.
     */
    public DiskTransfer(int threads) {
        this.threads = threads;
    }

    /** Whether the file system of a folder supports direct I/O at all: those in memory may not. */
    static boolean isDirectPossible(Path folder) throws IOException {
        Path file = Files.createTempFile(folder, "direct", null);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
            return channel.isOpen();
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        } finally {
            Files.delete(file);
        }
    }

    /**
     * Reads files one after the other, past the page cache.
     *
     * @throws IOException if one cannot be read this way: its file system may not allow it
     * @throws InterruptedException if the thread is interrupted
     */
    public void readDirect(List<Path> files) throws IOException, InterruptedException {
        for (Path file : files) {
            transfer(
                    file,
                    Files.size(file),
                    Math.max(threads, LEAST_REQUESTS),
                    FileChannel::read,
                    StandardOpenOption.READ,
                    ExtendedOpenOption.DIRECT);
        }
    }

    /** Reads files one after the other, through the page cache. */
    void readCached(List<Path> files) throws IOException, InterruptedException {
        for (Path file : files) {
            transfer(file, Files.size(file), threads, FileChannel::read, StandardOpenOption.READ);
        }
    }

    /**
     * Writes a new file of {@code bytes} bytes, rounded up to a block, past the page cache.
     *
     * @throws IOException if it already exists or cannot be written this way
     * @throws InterruptedException if the thread is interrupted
     */
    public void writeDirect(Path file, long bytes) throws IOException, InterruptedException {
        transfer(
                file,
                (bytes + BLOCK - 1) / BLOCK * BLOCK,
                Math.max(threads, LEAST_REQUESTS),
                FileChannel::write,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE,
                ExtendedOpenOption.DIRECT);
    }

    /**
     * Writes a new file of {@code bytes} bytes into the page cache.
     *
     * @throws IOException if it already exists or cannot be written
     * @throws InterruptedException if the thread is interrupted
     */
    public void writeCached(Path file, long bytes) throws IOException, InterruptedException {
        transfer(file, bytes, threads, FileChannel::write, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** Reads or writes one block at an offset; returns the number of bytes, or -1 at the end of the file. */
    interface Move {
        int at(FileChannel channel, ByteBuffer block, long offset) throws IOException;
    }

    /** Reads or writes a whole block at {@code at}, or the part of it before {@code end}. */
    static void whole(Move move, FileChannel channel, ByteBuffer block, long at, long end) throws IOException {
        while (at + block.position() < end) {
            if (move.at(channel, block, at + block.position()) <= 0) {
                throw new IOException("the file ends at byte " + (at + block.position()));
            }
        }
    }

    private static void transfer(Path file, long bytes, int threads, Move move, OpenOption... options)
            throws IOException, InterruptedException {
        try (FileChannel channel = FileChannel.open(file, options)) {
            boolean direct = List.of(options).contains(ExtendedOpenOption.DIRECT);
            AtomicLong next = new AtomicLong();
            Workers workers = new Workers();
            workers.run(threads, () -> {
                try (NativeMemory memory = NativeMemory.allocate(BLOCK)) {
                    for (long at; !workers.stopped() && (at = next.getAndAdd(BLOCK)) < bytes; ) {
                        // A direct read asks for whole blocks, and gets fewer bytes at the file's end.
                        int length = direct ? BLOCK : (int) Math.min(BLOCK, bytes - at);
                        whole(move, channel, memory.slice(0, length), at, Math.min(bytes, at + BLOCK));
                    }
                }
            });
        }
    }
}
