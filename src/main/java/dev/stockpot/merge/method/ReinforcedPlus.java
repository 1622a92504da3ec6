package dev.stockpot.merge.method;

import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.merge.Fact;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Reinforced agent merging that strengthens what only one model changed ("RAM+", arXiv 2601.13572). */
final class ReinforcedPlus implements MergeMethod {
    static final Parameter EPSILON = Parameter.number(
            "epsilon", 0, Double.POSITIVE_INFINITY, OptionalDouble.of(1e-5), "Deltas up to this count as none.");

    @Override
    public String name() {
        return "ramplus_tl";
    }

    @Override
    public String description() {
        return "As ram; what only one model changed is multiplied with 1 + r min(shared / unique, alpha), the model's changed"
                + " elements that others changed too to those that none did (Reinforced Agent Merging, arXiv 2601.13572).";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                EPSILON,
                Parameter.number("r", 0, Double.POSITIVE_INFINITY, OptionalDouble.of(0.1), "How much is added."),
                Parameter.number(
                        "alpha",
                        0,
                        Double.POSITIVE_INFINITY,
                        OptionalDouble.of(0.2),
                        "The most that the ratio counts."));
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

    /** The models' deltas, and which of them are large enough. */
    private record Changes(Value base, Value[] deltas, Value[] active, Value count) {
        static Changes of(FormulaBuilder f, MergeTensor tensor) {
            Value base = f.source(tensor.baseSource());
            Value[] deltas = Gram.deltas(f, tensor.baseSource(), tensor.models());
            Value[] active = new Value[deltas.length];
            Value count = null;
            for (int k = 0; k < deltas.length; k++) {
                active[k] = f.less(f.constant(tensor.number("epsilon")), f.abs(deltas[k]));
                count = count == null ? active[k] : f.add(count, active[k]);
            }
            return new Changes(base, deltas, active, count);
        }
    }

    @Override
    public Step merge(MergeTensor tensor) {
        FormulaBuilder f = Formula.builder();
        Changes changes = Changes.of(f, tensor);
        Value alone = f.equal(changes.count, f.constant(1));
        for (Value active : changes.active) {
            f.count(active);
            f.count(f.mul(active, alone));
        }
        return new Step.Measure(f.build(), totals -> combine(tensor, totals.counts()));
    }

    private static Step combine(MergeTensor tensor, long[] counts) {
        FormulaBuilder f = Formula.builder();
        Changes changes = Changes.of(f, tensor);
        Value alone = f.equal(changes.count, f.constant(1));
        Value zero = f.constant(0);
        Value sum = null;
        List<Double> kept = new ArrayList<>();
        List<Double> only = new ArrayList<>();
        List<Double> factors = new ArrayList<>();
        for (int k = 0; k < tensor.models(); k++) {
            long unique = counts[2 * k + 1];
            long shared = counts[2 * k] - unique;
            double ratio = shared / Math.max(unique, tensor.number("epsilon"));
            double factor = 1 + tensor.number("r") * Math.max(0, Math.min(ratio, tensor.number("alpha")));
            kept.add(Shares.ratio(counts[2 * k], tensor.elements()));
            only.add(Shares.ratio(unique, tensor.elements()));
            factors.add(factor);
            Value delta = changes.deltas[k];
            Value stronger = f.select(alone, f.mul(f.constant(factor), delta), delta);
            Value part = f.select(changes.active[k], stronger, zero);
            sum = sum == null ? part : f.add(sum, part);
        }
        f.out(f.add(changes.base, f.div(sum, f.max(changes.count, f.constant(1)))));
        List<Fact> facts = List.of(
                new Fact.ByModel(Shares.KEPT, kept),
                new Fact.ByModel("unique", only),
                new Fact.ByModel("factor", factors));
        return new Step.Told(facts, new Step.Combine(f.build()));
    }
}
