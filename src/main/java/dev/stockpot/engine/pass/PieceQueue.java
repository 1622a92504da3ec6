package dev.stockpot.engine.pass;

import dev.stockpot.engine.Task;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Hands out the pieces of a pass: those of its tasks in order, but first those of what follows a tensor that was just
 * reduced, while its sources are in the cache.
 */
final class PieceQueue {
    private final Deque<Cutter> following = new ArrayDeque<>();
    private final Cutter tasks;
    private final long tileBytes;
    /** Tensors that are being reduced; something may follow each. */
    private int undecided;

    private boolean closed;

    PieceQueue(List<? extends Task> tasks, long tileBytes) {
        this.tasks = new Cutter(tasks, tileBytes, false);
        this.tileBytes = tileBytes;
    }

    /** A piece of what follows a reduced tensor; null if there is none now. */
    synchronized Piece following() {
        while (!closed && !following.isEmpty()) {
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
            Piece piece = following();
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

    /** Reports that a tensor is reduced and that {@code next} follows. */
    synchronized void decided(Optional<Task> next) {
        undecided--;
        next.ifPresent(task -> following.add(new Cutter(List.of(task), tileBytes, true)));
        notifyAll();
    }

    /** Stops handing out pieces, and wakes all waiting threads. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
