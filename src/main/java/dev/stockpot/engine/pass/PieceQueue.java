package dev.stockpot.engine.pass;

import dev.stockpot.engine.Task;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * Hands out the pieces of a pass: those of its tasks in order, but first those of what follows a tensor that was just
 * reduced, while its sources are in the cache. Of all pieces that there are at the time, a thread works on that of the earliest
 * task: so one that waits until all bytes before its own are made waits for threads that do not wait for it.
 */
final class PieceQueue {
    private final Queue<Cutter> following = new PriorityQueue<>(Comparator.comparingInt(Cutter::place));
    private final Cutter tasks;
    private final long tileBytes;
    /** Tensors that are being reduced; something may follow each. */
    private int undecided;

    private boolean closed;

    PieceQueue(List<? extends Task> tasks, long tileBytes) {
        this.tasks = new Cutter(tasks, tileBytes);
        this.tileBytes = tileBytes;
    }

    /**
     * A piece of what follows a reduced tensor; null if there is none now.
     *
     * @param ahead what the thread has kept for later, and takes first if it is of an earlier task; null for nothing
     */
    synchronized Piece following(Piece ahead) {
        while (!closed
                && !following.isEmpty()
                && (ahead == null || following.peek().place() < ahead.task())) {
            Piece piece = handOut(following.peek().next());
            if (piece != null) {
                return piece;
            }
            following.remove();
        }
        return null;
    }

    /** The next piece of the pass's own tasks, which a thread may keep for later; null if there is none. */
    synchronized Piece ahead() {
        return closed ? null : handOut(tasks.next());
    }

    /** Waits, once the pass's own tasks are handed out, for a piece of what may still follow; null at the end. */
    synchronized Piece await() throws InterruptedException {
        while (!closed) {
            Piece piece = following(null);
            if (piece != null || undecided == 0) {
                return piece;
            }
            wait();
        }
        return null;
    }

    private Piece handOut(Piece piece) {
        if (piece instanceof Piece.Chunk chunk && chunk.number() == 0) {
            undecided++;
        }
        return piece;
    }

    /** Reports that the tensor of a reduction at {@code place} is reduced and that {@code next} follows. */
    synchronized void decided(Optional<Task> next, int place) {
        undecided--;
        next.ifPresent(task -> following.add(Cutter.following(task, tileBytes, place)));
        notifyAll();
    }

    /** Stops handing out pieces, and wakes all waiting threads. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
