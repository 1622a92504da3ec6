package dev.stockpot.checkpoint.file;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.FileVersion;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file with random access. Unlike a channel, it stays open when its thread is interrupted: opening a checkpoint is short,
 * and the next step that can be cancelled sees the interruption. Thread-safe.
 */
public final class RandomFile implements Closeable {
    private static final int LARGEST_COPIED = 1 << 18;

    private final Path path;
    private final RandomAccessFile file;
    private final FileVersion version;

    private RandomFile(Path path, RandomAccessFile file, FileVersion version) {
        this.path = path;
        this.file = file;
        this.version = version;
    }

    /**
     * Opens a file for reading.
     *
     * @throws IOException if it cannot be opened, is not a regular file, or is on a file system that only Java has, such as
     *     an archive
     */
    public static RandomFile open(Path path) throws IOException {
        return open(path, "r");
    }

    /**
     * Opens the version of a file that was opened before.
     *
     * @throws CheckpointException if another version is there now
     */
    public static RandomFile open(FileSource source) throws IOException {
        Opening<RandomAccessFile> opened = Opening.of(source, p -> new RandomAccessFile(p.toFile(), "r"));
        return new RandomFile(source.path(), opened.file(), opened.version());
    }

    /** Opens a file for reading and writing. */
    public static RandomFile openToWrite(Path path) throws IOException {
        return open(path, "rw");
    }

    private static RandomFile open(Path path, String mode) throws IOException {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IOException("it is not on the system's file system but on one inside Java: copy it to a disk");
        }
        Opening<RandomAccessFile> opened = Opening.of(path, p -> new RandomAccessFile(p.toFile(), mode));
        return new RandomFile(path, opened.file(), opened.version());
    }

    /** This file, in the version that was opened, as the source of tensors. */
    public FileSource source() {
        return new FileSource(path, Optional.of(version));
    }

    /**
     * Checks that it has not been written to or replaced since it was opened.
     *
     * @throws CheckpointException if it has
     */
    public void checkUnchanged() throws IOException {
        if (!version.equals(FileVersion.of(path))) {
            throw new CheckpointException(Reason.CHANGED, path, "changed while it was being opened");
        }
    }

    /** Its length in bytes. */
    public long size() throws IOException {
        return file.length();
    }

    /**
     * Reads some bytes from {@code offset} into the remaining space of {@code into}.
     *
     * @return how many; -1 at the end of the file
     */
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

    /** Writes all bytes that remain in {@code bytes} at {@code offset}. */
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
