package dev.stockpot.engine.pass;

import dev.stockpot.engine.Task;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Hands out the pieces of a pass: those of its tasks in order, but first those of what follows on a tensor that was just
 * reduced, while its sources are in the cache.
 */
final class PieceQueue {
    private final Deque<Cutter> following = new ArrayDeque<>();
    private final Cutter tasks;
    private final long tileBytes;
    /** Tensors that are being reduced, after which something may follow. */
    private int undecided;

    private boolean closed;

    PieceQueue(List<? extends Task> tasks, long tileBytes) {
        this.tasks = new Cutter(tasks, tileBytes, false);
        this.tileBytes = tileBytes;
    }

    /** A piece of what follows on a tensor; null where there is none now. */
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

    /** The next piece of the pass's own tasks, which a thread may keep for later; null where there is none. */
    synchronized Piece ahead() {
        return closed ? null : handOut(tasks.next());
    }

    /** Once the pass's own tasks are handed out: waits for a piece of what may still follow; null at the end. */
    synchronized Piece await() {
        while (!closed) {
            Piece piece = following();
            if (piece != null || undecided == 0) {
                return piece;
            }
            pause();
        }
        return null;
    }

    private Piece handOut(Piece piece) {
        if (piece instanceof Piece.Chunk chunk && chunk.number() == 0) {
            undecided++;
        }
        return piece;
    }

    /** A tensor is reduced, and this follows. */
    synchronized void decided(Optional<Task> next) {
        undecided--;
        next.ifPresent(task -> following.add(new Cutter(List.of(task), tileBytes, true)));
        notifyAll();
    }

    /** Nothing is handed out any more; nobody waits. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void pause() {
        try {
            wait();
        } catch (InterruptedException e) {
            // Nobody interrupts a worker: an interruption of the caller stops the pass, and that closes this.
            throw new IllegalStateException(e);
        }
    }
}
