package dev.stockpot.engine;

import java.util.ArrayList;
import java.util.List;

/** Cuts runs into tiles, one after the other as threads ask for them, so that a model of any size needs no list of tiles. */
final class TileCutter {
    private final List<Run> runs;
    private final long tileBytes;
    private int run;
    private long taken;

    /** No span of a tile, output or source, is longer than {@code tileBytes}. */
    TileCutter(List<Run> runs, long tileBytes) {
        this.runs = runs;
        this.tileBytes = tileBytes;
    }

    /** The next tile in output order, or null behind the last. */
    synchronized Tile next() {
        List<Run> pieces = new ArrayList<>(1);
        long room = tileBytes;
        while (run < runs.size()) {
            Run current = runs.get(run);
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
        Run first = pieces.get(0);
        long end = pieces.get(pieces.size() - 1).end();
        return new Tile(first.output(), first.offset(), Math.toIntExact(end - first.offset()), pieces);
    }

    private boolean follows(Run piece, Run next) {
        return taken == 0 && piece.output() == next.output() && piece.end() == next.offset();
    }
}
