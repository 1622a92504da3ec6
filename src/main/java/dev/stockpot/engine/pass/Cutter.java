package dev.stockpot.engine.pass;

import dev.stockpot.engine.Reduce;
import dev.stockpot.engine.Stretch;
import dev.stockpot.engine.Task;
import java.util.ArrayList;
import java.util.List;

/** Cuts tasks into pieces as threads ask for them, so that a model of any size needs no list of pieces. */
final class Cutter {
    /** The most stretches in a tile: of many small tensors, each may have a formula of its own. */
    private static final int MOST_PARTS = 1024;

    private final List<? extends Task> tasks;
    private final long tileBytes;
    /** The place of the first task among the pass's own. */
    private final int place;

    private final boolean follows;
    private int task;
    /** The task at {@link #task}, once it was asked for: the list may make another one each time. */
    private Task current;

    /** Elements of the stretch, or chunks of the tensor, that have been handed out. */
    private long taken;

    private Reducing<?> reducing;

    /**
     * No span of a tile, output or source, is longer than {@code tileBytes}. Tiles end at multiples of their length in the
     * output, so that the page cache can keep each written tile as large pages.
     */
    Cutter(List<? extends Task> tasks, long tileBytes) {
        this(tasks, tileBytes, 0, false);
    }

    private Cutter(List<? extends Task> tasks, long tileBytes, int place, boolean follows) {
        this.tasks = tasks;
        this.tileBytes = tileBytes;
        this.place = place;
        this.follows = follows;
    }

    /**
     * Cuts what follows a reduction.
     *
     * @param place the reduction's among the pass's tasks
     */
    static Cutter following(Task task, long tileBytes, int place) {
        return new Cutter(List.of(task), tileBytes, place, true);
    }

    /** The place of its first task among the pass's own. */
    int place() {
        return place;
    }

    /** The next piece in order, or null after the last. */
    Piece next() {
        while (current() instanceof Stretch stretch && stretch.elements() == 0) {
            // There is nothing to make of an empty tensor, but its reduction still has numbers.
            nextTask();
        }
        if (current() == null) {
            return null;
        }
        return current() instanceof Reduce<?> reduce ? chunk(reduce) : tile();
    }

    /** The task whose pieces come next, or null after the last. */
    private Task current() {
        if (current == null && task < tasks.size()) {
            current = tasks.get(task);
        }
        return current;
    }

    private Piece chunk(Reduce<?> reduce) {
        if (taken == 0) {
            reducing = new Reducing<>(reduce);
        }
        long first = taken * reducing.chunkElements();
        long elements = Math.min(reducing.chunkElements(), reduce.sources().elements() - first);
        Piece.Chunk chunk = new Piece.Chunk(place + task, reducing, taken, first, elements, follows);
        taken++;
        if (taken == reducing.chunks()) {
            nextTask();
        }
        return chunk;
    }

    private void nextTask() {
        task++;
        current = null;
        taken = 0;
    }

    private Piece tile() {
        Stretch next = (Stretch) current();
        if (next.needs().whole() > 1) {
            return wholeRows(next, next.needs().whole());
        }
        int begun = place + task;
        List<Stretch> parts = new ArrayList<>(1);
        long room = roomInFirst(next);
        while (parts.size() < MOST_PARTS && current() instanceof Stretch stretch) {
            boolean alone = stretch.needs().whole() > 1;
            if (!parts.isEmpty() && (alone || !follows(parts.get(parts.size() - 1), stretch))) {
                break;
            }
            long fits = room * 8 / stretch.widestBits();
            long count = Math.min(stretch.elements() - taken, fits);
            if (count == 0) {
                break;
            }
            parts.add(stretch.slice(taken, count));
            room -= (count * stretch.widestBits() + 7) / 8;
            taken += count;
            if (taken < stretch.elements()) {
                break;
            }
            nextTask();
        }
        Stretch first = parts.get(0);
        long end = parts.get(parts.size() - 1).end();
        int bytes = Math.toIntExact(end - first.offset());
        return new Piece.Tile(begun, first.output(), first.offset(), bytes, parts, follows);
    }

    private Piece wholeRows(Stretch stretch, long row) {
        long rows = tileBytes * 8 / stretch.widestBits() / row * row;
        long count = Math.min(stretch.elements() - taken, rows);
        Stretch part = stretch.slice(taken, count);
        int begun = place + task;
        taken += count;
        if (taken == stretch.elements()) {
            nextTask();
        }
        int bytes = Math.toIntExact(part.end() - part.offset());
        return new Piece.Tile(begun, part.output(), part.offset(), bytes, List.of(part), follows);
    }

    /** How many of {@code tileBytes}, counted in the widest span, the next tile may take to end where it should. */
    private long roomInFirst(Stretch stretch) {
        long widest = stretch.widestBits();
        long bits = stretch.dtype().bits();
        long length = tileBytes * bits / widest;
        long since = (stretch.offset() + stretch.dtype().bytes(taken)) % length;
        long room = tileBytes - since * widest / bits;
        return room * 8 < widest ? tileBytes : room;
    }

    private boolean follows(Stretch part, Stretch next) {
        return taken == 0 && part.output() == next.output() && part.end() == next.offset();
    }
}
