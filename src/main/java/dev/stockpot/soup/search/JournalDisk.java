package dev.stockpot.soup.search;

import dev.stockpot.system.TaskPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.Callable;

/**
 * A journal's file, never what a link leads to. All access is in a thread of its own: an interruption of a thread closes the
 * channel that it uses, and only a channel can be opened without following links.
 */
final class JournalDisk implements AutoCloseable {
    private static final long BETWEEN_TRIES = 5;

    private final TaskPool thread = TaskPool.of("stockpot-journal", 1);
    private final FileChannel channel;
    /** Used in the thread alone. */
    private FileLock lock;

    /** Opens the file, or creates it. */
    JournalDisk(Path path) throws IOException {
        try {
            channel = apart(() -> FileChannel.open(
                    path,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.CREATE,
                    LinkOption.NOFOLLOW_LINKS));
        } catch (IOException | RuntimeException e) {
            thread.close();
            throw e;
        }
    }

    /** Locks it against other processes and other searches in this one; whether that was possible within {@code patience}. */
    boolean lock(Duration patience) throws IOException {
        long start = System.nanoTime();
        return apart(() -> {
            lock = tryLock();
            while (lock == null && System.nanoTime() - start < patience.toNanos()) {
                Thread.sleep(BETWEEN_TRIES);
                lock = tryLock();
            }
            return lock != null;
        });
    }

    private FileLock tryLock() throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Another search in this process holds it.
            return null;
        }
    }

    void unlock() throws IOException {
        apart(() -> {
            lock.release();
            return null;
        });
    }

    long length() throws IOException {
        return apart(channel::size);
    }

    /** Its first bytes. */
    byte[] first(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        apart(() -> {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, bytes.position()) < 0) {
                    throw new IOException("it shrank");
                }
            }
            return null;
        });
        return bytes.array();
    }

    /** Its last byte. */
    byte last() throws IOException {
        ByteBuffer last = ByteBuffer.allocate(1);
        apart(() -> channel.read(last, channel.size() - 1));
        return last.get(0);
    }

    /** Cuts off all but its first bytes; what is added follows them. */
    void cut(long length) throws IOException {
        apart(() -> channel.truncate(length).position(length));
    }

    /** Adds bytes; they are on disk when this returns. */
    void add(byte[] bytes) throws IOException {
        apart(() -> {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
            return null;
        });
    }

    /** Makes durable that a folder has its new file. */
    void syncFolder(Path folder) throws IOException {
        apart(() -> {
            try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
                opened.force(true);
            }
            return null;
        });
    }

    private <T> T apart(Callable<T> access) throws IOException {
        try {
            return TaskPool.await(thread.submit(() -> {
                try {
                    return access.call();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public void close() throws IOException {
        try (thread;
                channel) {
            // Only to close them.
        }
    }
}
