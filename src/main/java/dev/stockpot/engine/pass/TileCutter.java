package dev.stockpot.engine.pass;

import dev.stockpot.engine.Stretch;
import java.util.ArrayList;
import java.util.List;

/** Cuts runs into tiles, one after the other as threads ask for them, so that a model of any size needs no list of tiles. */
final class TileCutter {
    private final List<Stretch> runs;
    private final long tileBytes;
    private int run;
    private long taken;

    /**
     * No span of a tile, output or source, is longer than {@code tileBytes}. Tiles end at multiples of their length in the
     * output, so that the page cache can keep each written one as large pages.
     */
    TileCutter(List<Stretch> runs, long tileBytes) {
        this.runs = runs;
        this.tileBytes = tileBytes;
    }

    /** The next tile in output order, or null behind the last. */
    synchronized Tile next() {
        List<Stretch> pieces = new ArrayList<>(1);
        long room = run < runs.size() ? roomInFirst(runs.get(run)) : 0;
        while (run < runs.size()) {
            Stretch current = runs.get(run);
            if (!pieces.isEmpty() && !follows(pieces.get(pieces.size() - 1), current)) {
                break;
            }
            long fits = room * 8 / current.widestBits();
            long count = Math.min(current.elements() - taken, fits);
            if (count == 0) {
                break;
            }
            pieces.add(current.slice(taken, count));
            room -= (count * current.widestBits() + 7) / 8;
            taken += count;
            if (taken < current.elements()) {
                break;
            }
            run++;
            taken = 0;
        }
        if (pieces.isEmpty()) {
            return null;
        }
        Stretch first = pieces.get(0);
        long end = pieces.get(pieces.size() - 1).end();
        return new Tile(first.output(), first.offset(), Math.toIntExact(end - first.offset()), pieces);
    }

    /** What the next tile may take of {@code tileBytes}, counted in the widest span, to end where it should. */
    private long roomInFirst(Stretch current) {
        long widest = current.widestBits();
        long bits = current.dtype().bits();
        long length = tileBytes * bits / widest;
        long since = (current.offset() + current.dtype().bytes(taken)) % length;
        long room = tileBytes - since * widest / bits;
        return room * 8 < widest ? tileBytes : room;
    }

    private boolean follows(Stretch piece, Stretch next) {
        return taken == 0 && piece.output() == next.output() && piece.end() == next.offset();
    }
}
