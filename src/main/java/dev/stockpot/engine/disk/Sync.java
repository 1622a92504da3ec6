package dev.stockpot.engine.disk;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Makes a file durable, in a thread of its own: nothing ends the system's call before the disk has answered. A thread that is
 * interrupted need not wait for that; the file is left to the other one.
 */
final class Sync {
    private final FileChannel channel;
    private boolean isLeft;

    private Sync(FileChannel channel) {
        this.channel = channel;
    }

    /** Will make the file of {@code channel} durable. */
    static Sync of(FileChannel channel) {
        return new Sync(channel);
    }

    /**
     * Waits until it is durable.
     *
     * @throws ClosedByInterruptException if this thread is interrupted meanwhile; the channel is closed then, in the end
     */
    void andKeepOpen() throws IOException {
        FutureTask<Void> task = new FutureTask<>(() -> {
            channel.force(true);
            return null;
        });
        Thread thread = new Thread(
                () -> {
                    task.run();
                    closeIfLeft();
                },
                "stockpot-sync");
        thread.setDaemon(true);
        thread.start();
        try {
            task.get();
        } catch (InterruptedException e) {
            leave(task);
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        }
    }

    private synchronized void leave(FutureTask<Void> task) throws IOException {
        if (task.isDone()) {
            channel.close();
        }
        isLeft = true;
    }

    private synchronized void closeIfLeft() {
        if (isLeft) {
            try {
                channel.close();
            } catch (IOException e) {
                // Nobody waits for it.
            }
        }
    }

    /** Waits until it is durable, and closes it. */
    void andClose() throws IOException {
        try {
            andKeepOpen();
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException | Error e) {
            // An error: the system has no thread left.
            channel.close();
            throw e;
        }
        channel.close();
    }
}
