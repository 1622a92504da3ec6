package dev.stockpot.engine.pass;

import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Reduction;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import java.util.List;

/**
 * The products of all pairs of models' deviations from an origin, packed as in {@link Gram}, with the origin last. Deviations
 * are formed in F64, a tile of every model at a time, and multiplied while they are in the second-level cache.
 */
record DeviationProducts(Deviations tensor) implements Reduction<double[]> {
    /** All models' deviations together should stay in a second-level cache: each is read once for every model. */
    private static final long CACHED = 1 << 20;

    private int vectors() {
        return tensor.sources().size() + 1;
    }

    @Override
    public double[] zero() {
        return new double[Gram.packed(vectors())];
    }

    @Override
    public double[] add(double[] partial, Elements tile) {
        int count = vectors();
        List<Operand> deviations = deviations(tile);
        for (int i = 0; i < count; i++) {
            double[] row = new double[count - i];
            int at = Gram.row(count, i);
            System.arraycopy(partial, at, row, 0, row.length);
            tile.kernels().dot(new Dot(deviations.get(i), deviations.subList(i, count), tile.count()), row);
            System.arraycopy(row, 0, partial, at, row.length);
        }
        return partial;
    }

    private List<Operand> deviations(Elements tile) {
        int models = tensor.sources().size();
        List<Operand> vectors = tile.scratch().subList(0, models + 1);
        Operand origin = vectors.get(models);
        List<Operand> from = tensor.origin().isEmpty()
                ? tensor.centre().stream().map(tile.sources()::get).toList()
                : List.of(tile.sources().get(models));
        tile.kernels().mix(new Mix(origin, from, tile.count(), null, from.size()));
        for (int k = 0; k < models; k++) {
            // The origin is in F64, so this is too: x + (-1) * origin, rounded once.
            List<Operand> pair = List.of(tile.sources().get(k), origin);
            tile.kernels().mix(new Mix(vectors.get(k), pair, tile.count(), new double[] {1, -1}, 1));
        }
        return vectors;
    }

    @Override
    public double[] merge(double[] total, double[] next) {
        return Sums.add(total, next);
    }

    @Override
    public Needs needs() {
        return new Needs(vectors(), Double.SIZE, CACHED / vectors());
    }
}
