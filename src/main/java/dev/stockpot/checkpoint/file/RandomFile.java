package dev.stockpot.checkpoint.file;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.FileVersion;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file with random access, on a disk or in a store: what every format is read through. Unlike a channel, it stays open when
 * its thread is interrupted: opening a checkpoint is short, and the next step that can be cancelled sees the interruption.
 * Thread-safe.
 */
public abstract sealed class RandomFile implements Closeable {
    private final FileSource source;

    private RandomFile(FileSource source) {
        this.source = source;
    }

    /**
     * Opens a file for reading.
     *
     * @throws IOException if it cannot be opened, or is not a regular file
     */
    public static RandomFile open(Path path) throws IOException {
        return open(new FileSource(path));
    }

    /**
     * Opens the version of a file that was opened before.
     *
     * @throws CheckpointException if another version is there now
     */
    public static RandomFile open(FileSource source) throws IOException {
        return source.local().isPresent()
                ? new OnDisk(source.path(), Opening.of(source, path -> new RandomAccessFile(path.toFile(), "r")))
                : new InStore(source.path(), Opening.of(source, ReadChannel::open));
    }

    /** Opens a file on a disk for reading and writing. */
    public static RandomFile openToWrite(Path path) throws IOException {
        return new OnDisk(path, Opening.of(path, file -> new RandomAccessFile(file.toFile(), "rw")));
    }

    /** This file, in the version that was opened, as the source of tensors. */
    public final FileSource source() {
        return source;
    }

    /**
     * Checks that it has not been written to or replaced since it was opened.
     *
     * @throws CheckpointException if it has
     */
    public final void checkUnchanged() throws IOException {
        if (!source.version().orElseThrow().equals(FileVersion.of(source.path()))) {
            throw new CheckpointException(Reason.CHANGED, source.path(), "changed while it was being opened");
        }
    }

    /** Its length in bytes. */
    public abstract long size() throws IOException;

    /**
     * Reads some bytes from {@code offset} into the remaining space of {@code into}.
     *
     * @return how many; -1 at the end of the file
     */
    public abstract int read(ByteBuffer into, long offset) throws IOException;

    /**
     * Writes all bytes that remain in {@code bytes} at {@code offset}.
     *
     * @param bytes an array's
     */
    public abstract void write(ByteBuffer bytes, long offset) throws IOException;

    private static final class OnDisk extends RandomFile {
        private static final int LARGEST_COPIED = 1 << 18;

        private final RandomAccessFile file;

        OnDisk(Path path, Opening<RandomAccessFile> opened) {
            super(new FileSource(path, Optional.of(opened.version())));
            this.file = opened.file();
        }

        @Override
        public long size() throws IOException {
            return file.length();
        }

        @Override
        public synchronized int read(ByteBuffer into, long offset) throws IOException {
            file.seek(offset);
            if (into.hasArray()) {
                int count = file.read(into.array(), into.arrayOffset() + into.position(), into.remaining());
                into.position(into.position() + Math.max(count, 0));
                return count;
            }
            byte[] copied = new byte[Math.min(into.remaining(), LARGEST_COPIED)];
            int count = file.read(copied);
            into.put(copied, 0, Math.max(count, 0));
            return count;
        }

        @Override
        public synchronized void write(ByteBuffer bytes, long offset) throws IOException {
            file.seek(offset);
            file.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            bytes.position(bytes.limit());
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private static final class InStore extends RandomFile {
        private ReadChannel file;

        InStore(Path path, Opening<ReadChannel> opened) {
            super(new FileSource(path, Optional.of(opened.version())));
            this.file = opened.file();
        }

        @Override
        public long size() {
            return source().version().orElseThrow().size();
        }

        @Override
        public synchronized int read(ByteBuffer into, long offset) throws IOException {
            boolean interrupted = false;
            try {
                while (true) {
                    try {
                        return file.read(into, offset);
                    } catch (ClosedByInterruptException e) {
                        interrupted = Thread.interrupted();
                        file = Opening.of(source(), ReadChannel::open).file();
                    }
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        @Override
        public void write(ByteBuffer bytes, long offset) {
            throw new NonWritableChannelException();
        }

        @Override
        public synchronized void close() throws IOException {
            file.close();
        }
    }
}
