package dev.stockpot.merge.method;

import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.merge.Fact;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.Step;
import dev.stockpot.merge.reduce.Ranking;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/** Select, calculate, erase (Wan et al., "FuseChat", arXiv 2408.07990, section 3.3). */
final class SelectCalculateErase implements MergeMethod {
    /** Energies below this are none: mergekit's limit. */
    private static final double NO_ENERGY = 1e-6;

    @Override
    public String name() {
        return "sce";
    }

    @Override
    public String description() {
        return "Keeps the elements whose deltas vary most, weighs models by their energy, and leaves out minority signs (SCE of"
                + " FuseChat, arXiv 2408.07990).";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.number(
                "select_topk", 0, 1, OptionalDouble.of(1), "The share of elements that are kept, by variance."));
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
        return Integer.MAX_VALUE;
    }

    /** The variance of the deltas at an index. */
    private static Value variance(FormulaBuilder f, MergeTensor tensor) {
        Value[] deltas = Gram.deltas(f, tensor.baseSource(), tensor.models());
        Value count = f.constant(deltas.length);
        Value sum = deltas[0];
        for (int k = 1; k < deltas.length; k++) {
            sum = f.add(sum, deltas[k]);
        }
        Value mean = f.div(sum, count);
        Value squares = null;
        for (Value delta : deltas) {
            Value away = f.sub(delta, mean);
            squares = squares == null ? f.mul(away, away) : f.fma(away, away, squares);
        }
        return f.div(squares, count);
    }

    @Override
    public Step merge(MergeTensor tensor) {
        double share = tensor.number("select_topk");
        if (share >= 1) {
            return weighed(tensor, 1, f -> null);
        }
        FormulaBuilder f = Formula.builder();
        f.count(variance(f, tensor));
        return new Step.Measure(f.build(), totals -> {
            long varying = totals.counts()[0];
            long kept = (long) Math.floor(share * varying);
            if (kept == 0) {
                return new Step.Told(List.of(new Fact.Number(Shares.KEPT, 0)), new Step.Take(tensor.baseSource()));
            }
            return Ranking.find(
                    (g, v) -> variance(g, tensor), tensor.elements(), List.of(new long[] {kept}), places -> {
                        Ranking.Place last = places.get(0);
                        return weighed(
                                tensor,
                                Shares.ratio(kept, tensor.elements()),
                                g -> g.within(variance(g, tensor), Ranking.Place.window(Ranking.Place.FIRST, last)));
                    });
        });
    }

    @Override
    public int passes(MergeTensor tensor) {
        return (tensor.number("select_topk") >= 1 ? 0 : 1 + Ranking.PASSES) + 2;
    }

    /**
     * @param share of all elements that is kept
     * @param selects 1 for elements that are kept; null for all
     */
    private static Step weighed(MergeTensor tensor, double share, Function<FormulaBuilder, Value> selects) {
        FormulaBuilder f = Formula.builder();
        for (Value delta : kept(f, tensor, selects)) {
            f.dot(delta, delta);
        }
        return new Step.Measure(f.build(), totals -> {
            double n = tensor.elements();
            double sum = 0;
            for (double energy : totals.sums()) {
                sum += energy / n;
            }
            double[] weights = new double[tensor.models()];
            for (int k = 0; k < weights.length; k++) {
                weights[k] = sum < NO_ENERGY ? 1.0 / weights.length : totals.sums()[k] / n / sum;
            }
            List<Fact> facts = List.of(new Fact.Number(Shares.KEPT, share), GramMethod.Decision.byModel(weights));
            return new Step.Told(facts, combine(tensor, selects, weights));
        });
    }

    private static List<Value> kept(FormulaBuilder f, MergeTensor tensor, Function<FormulaBuilder, Value> selects) {
        Value selected = selects.apply(f);
        List<Value> kept = new ArrayList<>();
        for (Value delta : Gram.deltas(f, tensor.baseSource(), tensor.models())) {
            kept.add(selected == null ? delta : f.select(selected, delta, f.constant(0)));
        }
        return kept;
    }

    private static Step combine(MergeTensor tensor, Function<FormulaBuilder, Value> selects, double[] weights) {
        FormulaBuilder f = Formula.builder();
        Shares shares = new Shares(f, tensor);
        List<Value> kept = kept(f, tensor, selects);
        Value zero = f.constant(0);
        Value all = kept.get(0);
        for (int k = 1; k < weights.length; k++) {
            all = f.add(all, kept.get(k));
        }
        Value negative = f.less(all, zero);
        Value sum = null;
        Value divisor = null;
        for (int k = 0; k < weights.length; k++) {
            Value agrees = f.select(negative, f.less(kept.get(k), zero), f.less(zero, kept.get(k)));
            shares.add(Shares.AGREEMENT, agrees, kept.get(k));
            Value weight = f.select(agrees, f.constant(weights[k]), zero);
            sum = sum == null ? f.mul(weight, kept.get(k)) : f.fma(weight, kept.get(k), sum);
            divisor = divisor == null ? weight : f.add(divisor, weight);
        }
        Value mixed = f.div(sum, f.max(divisor, f.constant(NO_ENERGY)));
        f.out(f.add(f.source(tensor.baseSource()), mixed));
        return shares.combine();
    }
}
