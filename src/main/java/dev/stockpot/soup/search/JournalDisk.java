package dev.stockpot.soup.search;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A journal's file, never what a link leads to. Each access is in a thread of its own: an interruption of a thread closes the
 * channel that it uses, and only a channel can be opened without following links.
 */
final class JournalDisk implements AutoCloseable {
    private final FileChannel channel;

    private JournalDisk(FileChannel channel) {
        this.channel = channel;
    }

    /** Opens the file, or creates it. */
    static JournalDisk open(Path path) throws IOException {
        return new JournalDisk(apart(() -> FileChannel.open(
                path,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE,
                LinkOption.NOFOLLOW_LINKS)));
    }

    /** Locks it against other processes and other searches in this one; whether that was possible. */
    boolean lock() throws IOException {
        try {
            FileLock lock = apart(channel::tryLock);
            return lock != null;
        } catch (OverlappingFileLockException e) {
            // Another search in this process holds it.
            return false;
        }
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
    static void syncFolder(Path folder) throws IOException {
        apart(() -> {
            try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
                opened.force(true);
            }
            return null;
        });
    }

    private static <T> T apart(Callable<T> access) throws IOException {
        FutureTask<T> task = new FutureTask<>(access);
        Thread thread = new Thread(task, "stockpot-journal");
        thread.setDaemon(true);
        thread.start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IOException(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
