package dev.stockpot.merge.method;

import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.formula.RankWindow;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Step;
import dev.stockpot.merge.reduce.Ranking;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** Which elements of a model's delta are kept. */
enum Sparsifier {
    /** All. */
    NONE,
    /** The largest (TIES). */
    MAGNITUDE,
    /** The largest, without the very largest (Model Breadcrumbs). */
    OUTLIERS,
    /** Each with the same chance (DARE). */
    RANDOM,
    /** Each with a chance that grows with its rank in its row (DELLA). */
    RANKED;

    /** A delta's elements that are kept, 0 for others. */
    @FunctionalInterface
    interface Mask {
        /** @param shares is told the share that is kept */
        Value of(FormulaBuilder f, Value delta, Shares shares);
    }

    private static final Mask ALL = (f, delta, shares) -> {
        shares.add(Shares.KEPT, 1);
        return delta;
    };
    private static final Mask NOTHING = (f, delta, shares) -> {
        shares.add(Shares.KEPT, 0);
        return f.constant(0);
    };

    /** Makes the masks of all models, and goes on with them. */
    Step masks(MergeTensor tensor, Function<List<Mask>, Step> next) {
        return switch (this) {
            case NONE -> next.apply(Collections.nCopies(tensor.models(), ALL));
            case MAGNITUDE, OUTLIERS -> byRank(tensor, next);
            case RANDOM -> next.apply(random(tensor));
            case RANKED -> throw new AssertionError("ranks in rows are no mask: see RankedDrop");
        };
    }

    private Step byRank(MergeTensor tensor, Function<List<Mask>, Step> next) {
        List<long[]> ranks = new ArrayList<>();
        for (int k = 0; k < tensor.models(); k++) {
            ranks.add(ranks(tensor, k));
        }
        Ranking.Vectors deltas = (f, k) -> f.sub(f.source(k), f.source(tensor.baseSource()));
        return Ranking.find(deltas, tensor.elements(), ranks, places -> {
            List<Mask> masks = new ArrayList<>();
            int at = 0;
            for (int k = 0; k < tensor.models(); k++) {
                long[] those = ranks.get(k);
                if (those.length == 0) {
                    masks.add(tensor.number("density", k) >= 1 ? ALL : NOTHING);
                } else {
                    Ranking.Place before = those.length == 2 ? places.get(at) : Ranking.Place.FIRST;
                    masks.add(within(Ranking.Place.window(before, places.get(at + those.length - 1))));
                    at += those.length;
                }
            }
            return next.apply(masks);
        });
    }

    private static Mask within(RankWindow window) {
        return (f, delta, shares) -> kept(f, f.within(delta, window), delta, shares);
    }

    /** The last rank that is kept, after the last of the very largest that are not; nothing if all or none are kept. */
    private long[] ranks(MergeTensor tensor, int model) {
        long n = tensor.elements();
        double density = tensor.number("density", model);
        if (density >= 1 || density <= 0 || n == 0) {
            return new long[0];
        }
        // At least one: a scalar would silently stay the base's.
        long kept = Math.max(1, (long) Math.floor(density * n));
        if (this == MAGNITUDE) {
            return new long[] {kept};
        }
        long most = (long) Math.floor(tensor.number("gamma", model) * n);
        long least = n - kept - most;
        if (least < 0) {
            most += least;
            least = 0;
        }
        return most <= 0 ? new long[] {n - least} : new long[] {most, n - least};
    }

    private static Value kept(FormulaBuilder f, Value mark, Value delta, Shares shares) {
        shares.add(Shares.KEPT, mark);
        return f.select(mark, delta, f.constant(0));
    }

    private static List<Mask> random(MergeTensor tensor) {
        long key = key(tensor.seed(), tensor.name());
        List<Mask> masks = new ArrayList<>();
        for (int k = 0; k < tensor.models(); k++) {
            double density = tensor.number("density", k);
            int stream = k;
            masks.add(
                    density >= 1
                            ? ALL
                            : (f, delta, shares) ->
                                    kept(f, f.less(f.random(key, stream), f.constant(density)), delta, shares));
        }
        return masks;
    }

    /** The key of a tensor's random numbers: the first 8 bytes, little-endian, of the SHA-256 of "seed:name". */
    static long key(long seed, String name) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest((seed + ":" + name).getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).order(ByteOrder.LITTLE_ENDIAN).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has SHA-256", e);
        }
    }
}
