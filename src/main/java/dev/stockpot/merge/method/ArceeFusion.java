package dev.stockpot.merge.method;

import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.Step;
import dev.stockpot.merge.reduce.Ranking;
import java.util.List;

/** Takes over a model's most important changes (Arcee Fusion, as mergekit has it). */
final class ArceeFusion implements MergeMethod {
    @Override
    public String name() {
        return "arcee_fusion";
    }

    @Override
    public String description() {
        return "Takes a model's deltas where |delta| times its row's divergence from the base is above the median by more than"
                + " 1.5 interquartile ranges (Arcee Fusion).";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public Base base() {
        return Base.REQUIRED;
    }

    @Override
    public int fewest() {
        return 1;
    }

    @Override
    public int most() {
        return 1;
    }

    private static Value importance(FormulaBuilder f, MergeTensor tensor, double[] divergence) {
        Value delta = f.sub(f.source(0), f.source(tensor.baseSource()));
        return f.mul(f.abs(delta), f.byRow(divergence, tensor.rowLength()));
    }

    @Override
    public Step merge(MergeTensor tensor) {
        return RowDivergence.step(tensor.rowLength(), divergence -> {
            long n = tensor.elements();
            // Ascending ranks of the quartiles, as descending ones.
            long[] ranks = {n - quartile(n, 0.75), n - quartile(n, 0.5), n - quartile(n, 0.25)};
            return Ranking.find(
                    (f, v) -> importance(f, tensor, divergence), tensor.elements(), List.of(ranks), places -> {
                        float upper = value(places.get(0));
                        float median = value(places.get(1));
                        float lower = value(places.get(2));
                        FormulaBuilder f = Formula.builder();
                        Value base = f.source(tensor.baseSource());
                        Value threshold = f.constant(median + 1.5 * ((double) upper - lower));
                        Value keeps = f.atMost(threshold, importance(f, tensor, divergence));
                        Value delta = f.sub(f.source(0), base);
                        f.out(f.select(keeps, f.add(base, delta), base));
                        Shares shares = new Shares(f, tensor);
                        shares.single(Shares.KEPT, keeps);
                        return shares.combine();
                    });
        });
    }

    @Override
    public int passes(MergeTensor tensor) {
        return RowDivergence.passes(tensor.rowLength()) + Ranking.PASSES + 1;
    }

    private static long quartile(long elements, double at) {
        return (long) Math.floor(at * (elements - 1));
    }

    private static float value(Ranking.Place place) {
        return Float.intBitsToFloat(place.pattern());
    }
}
