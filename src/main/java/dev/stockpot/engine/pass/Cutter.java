package dev.stockpot.engine.pass;

import dev.stockpot.engine.Reduce;
import dev.stockpot.engine.Stretch;
import dev.stockpot.engine.Task;
import java.util.ArrayList;
import java.util.List;

/** Cuts tasks into pieces as threads ask for them, so that a model of any size needs no list of pieces. */
final class Cutter {
    private final List<? extends Task> tasks;
    private final long tileBytes;
    /** The place of the first task among the pass's own. */
    private final int place;

    private final boolean follows;
    private int task;
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
        while (task < tasks.size() && isNothing(tasks.get(task))) {
            task++;
        }
        if (task == tasks.size()) {
            return null;
        }
        return tasks.get(task) instanceof Reduce<?> reduce ? chunk(reduce) : tile();
    }

    /** There is nothing to make of an empty tensor, but its reduction still has numbers. */
    private static boolean isNothing(Task task) {
        return task instanceof Stretch stretch && stretch.elements() == 0;
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
        taken = 0;
    }

    private Piece tile() {
        Stretch next = (Stretch) tasks.get(task);
        if (next.needs().whole() > 1) {
            return wholeRows(next, next.needs().whole());
        }
        int begun = place + task;
        List<Stretch> parts = new ArrayList<>(1);
        long room = roomInFirst(next);
        while (task < tasks.size() && tasks.get(task) instanceof Stretch current) {
            boolean alone = current.needs().whole() > 1;
            if (!parts.isEmpty() && (alone || !follows(parts.get(parts.size() - 1), current))) {
                break;
            }
            long fits = room * 8 / current.widestBits();
            long count = Math.min(current.elements() - taken, fits);
            if (count == 0) {
                break;
            }
            parts.add(current.slice(taken, count));
            room -= (count * current.widestBits() + 7) / 8;
            taken += count;
            if (taken < current.elements()) {
                break;
            }
            nextTask();
        }
        Stretch first = parts.get(0);
        long end = parts.get(parts.size() - 1).end();
        int bytes = Math.toIntExact(end - first.offset());
        return new Piece.Tile(begun, first.output(), first.offset(), bytes, parts, follows);
    }

    private Piece wholeRows(Stretch current, long row) {
        long rows = tileBytes * 8 / current.widestBits() / row * row;
        long count = Math.min(current.elements() - taken, rows);
        Stretch part = current.slice(taken, count);
        int begun = place + task;
        taken += count;
        if (taken == current.elements()) {
            nextTask();
        }
        int bytes = Math.toIntExact(part.end() - part.offset());
        return new Piece.Tile(begun, part.output(), part.offset(), bytes, List.of(part), follows);
    }

    /** How many of {@code tileBytes}, counted in the widest span, the next tile may take to end where it should. */
    private long roomInFirst(Stretch current) {
        long widest = current.widestBits();
        long bits = current.dtype().bits();
        long length = tileBytes * bits / widest;
        long since = (current.offset() + current.dtype().bytes(taken)) % length;
        long room = tileBytes - since * widest / bits;
        return room * 8 < widest ? tileBytes : room;
    }

    private boolean follows(Stretch part, Stretch next) {
        return taken == 0 && part.output() == next.output() && part.end() == next.offset();
    }
}
