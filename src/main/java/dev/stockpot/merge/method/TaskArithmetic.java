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
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** The methods that add weighted deltas to a base, each made sparse, and combined with or without an election of signs. */
final class TaskArithmetic implements MergeMethod {
    /** How what a mask removes is made up for. */
    static final List<String> RESCALES = List.of("none", "l1", "density");

    private static final int NO_RESCALE = RESCALES.indexOf("none");
    private static final int BY_SUM = RESCALES.indexOf("l1");
    private static final int BY_DENSITY = RESCALES.indexOf("density");
    /** Sums below this are none: mergekit's limit. */
    private static final double NO_SUM = 1e-7;

    private final String name;
    private final Sparsifier sparsifier;
    private final boolean elects;
    private final String rescale;
    private final String description;
    private final boolean normalize;

    TaskArithmetic(
            String name, Sparsifier sparsifier, boolean elects, boolean normalize, String rescale, String description) {
        this.name = name;
        this.sparsifier = sparsifier;
        this.elects = elects;
        this.normalize = normalize;
        this.rescale = rescale;
        this.description = description;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
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

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>();
        all.add(Parameter.ofModel(
                "weight",
                Double.NEGATIVE_INFINITY,
                Double.POSITIVE_INFINITY,
                OptionalDouble.empty(),
                "What the model's delta is multiplied with."));
        all.add(Parameter.ofModel(
                "density", 0, 1, OptionalDouble.of(1), "The share of the delta's elements that is kept."));
        if (sparsifier == Sparsifier.OUTLIERS) {
            all.add(Parameter.ofModel(
                    "gamma", 0, 1, OptionalDouble.of(0.01), "The share of the largest elements that is left out."));
        }
        if (sparsifier == Sparsifier.RANKED) {
            all.add(Parameter.ofModel(
                    "epsilon", 0, 1, OptionalDouble.of(0.15), "How far chances differ from the density, by rank."));
        }
        all.add(Parameter.flag("normalize", normalize, "Divides by the sum of the weights (that agree)."));
        all.add(Parameter.choice(
                "rescale",
                RESCALES,
                rescale,
                "Makes up for what is left out: by the sum of magnitudes, or by density."));
        all.add(Parameter.number(
                "lambda",
                Double.NEGATIVE_INFINITY,
                Double.POSITIVE_INFINITY,
                OptionalDouble.of(1),
                "What the sum of deltas is multiplied with."));
        if (elects) {
            all.add(
                    Parameter.flag(
                            "count_votes",
                            false,
                            "As in the TIES paper: signs are elected by deltas without weights, and the sum divided by how many agree."));
        }
        return List.copyOf(all);
    }

    @Override
    public Step merge(MergeTensor tensor) {
        if (sparsifier == Sparsifier.RANKED) {
            return RankedDrop.step(tensor, (factors, shares, f) -> combineKept(tensor, factors, shares, f));
        }
        return sparsifier.masks(tensor, masks -> rescaled(tensor, masks));
    }

    @Override
    public int passes(MergeTensor tensor) {
        boolean sparse = false;
        for (int k = 0; k < tensor.models(); k++) {
            double density = tensor.number("density", k);
            sparse |= density > 0 && density < 1;
        }
        boolean ranks = sparse && (sparsifier == Sparsifier.MAGNITUDE || sparsifier == Sparsifier.OUTLIERS);
        boolean sums = sparsifier != Sparsifier.NONE && rescalesBySum(tensor);
        return (ranks ? Ranking.PASSES : 0) + (sums ? 1 : 0) + 1;
    }

    private Step rescaled(MergeTensor tensor, List<Sparsifier.Mask> masks) {
        double[] factors = sparsifier == Sparsifier.NONE ? ones(tensor) : byDensity(tensor);
        if (!rescalesBySum(tensor) || sparsifier == Sparsifier.NONE) {
            return told(tensor, factors, combine(tensor, masks, factors));
        }
        FormulaBuilder f = Formula.builder();
        Value base = f.source(tensor.baseSource());
        Shares later = Shares.of(f);
        for (int k = 0; k < factors.length; k++) {
            Value size = f.abs(f.sub(f.source(k), base));
            f.sum(size);
            f.sum(masks.get(k).of(f, size, later));
        }
        return new Step.Measure(f.build(), totals -> {
            for (int k = 0; k < factors.length; k++) {
                factors[k] = bySum(totals.sums()[2 * k], totals.sums()[2 * k + 1]);
            }
            return told(tensor, factors, combine(tensor, masks, factors));
        });
    }

    /** Tells the factors that make up for what is left out, if there are any. */
    static Step told(MergeTensor tensor, double[] factors, Step next) {
        return tensor.number("rescale") == NO_RESCALE
                ? next
                : new Step.Told(
                        List.of(new Fact.ByModel(
                                "rescale", Arrays.stream(factors).boxed().toList())),
                        next);
    }

    static boolean rescalesBySum(MergeTensor tensor) {
        return tensor.number("rescale") == BY_SUM;
    }

    /** What restores the sum of magnitudes. */
    static double bySum(double all, double kept) {
        return all < NO_SUM || kept < NO_SUM ? 1 : all / kept;
    }

    private static double[] ones(MergeTensor tensor) {
        double[] ones = new double[tensor.models()];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** What restores the expectation, if that is asked for; else ones. */
    static double[] byDensity(MergeTensor tensor) {
        double[] factors = ones(tensor);
        for (int k = 0; k < factors.length && tensor.number("rescale") == BY_DENSITY; k++) {
            double density = tensor.number("density", k);
            factors[k] = density > 0 && density < 1 ? 1 / density : 1;
        }
        return factors;
    }

    private Step combine(MergeTensor tensor, List<Sparsifier.Mask> masks, double[] factors) {
        FormulaBuilder f = Formula.builder();
        Shares shares = new Shares(f, tensor);
        Value base = f.source(tensor.baseSource());
        Value[] kept = new Value[tensor.models()];
        for (int k = 0; k < kept.length; k++) {
            kept[k] =
                    masks.get(k).of(f, f.sub(f.source(k), base), sparsifier == Sparsifier.NONE ? Shares.of(f) : shares);
        }
        combined(f, tensor, base, kept, factors, shares);
        return shares.combine();
    }

    /** The same of sources that are the kept elements of deltas already. */
    private void combineKept(MergeTensor tensor, double[] factors, Shares shares, FormulaBuilder f) {
        combined(f, tensor, f.source(tensor.baseSource()), Gram.models(f, tensor.models()), factors, shares);
    }

    private void combined(
            FormulaBuilder f, MergeTensor tensor, Value base, Value[] kept, double[] factors, Shares shares) {
        for (int k = 0; k < kept.length; k++) {
            kept[k] = factors[k] == 1 ? kept[k] : f.mul(f.constant(factors[k]), kept[k]);
        }
        boolean counts = elects && tensor.flag("count_votes");
        Value mixed = elects ? elected(f, tensor, kept, counts, shares) : sum(f, tensor, kept);
        double lambda = tensor.number("lambda");
        mixed = lambda == 1 ? mixed : f.mul(f.constant(lambda), mixed);
        f.out(f.add(base, mixed));
    }

    private static Value sum(FormulaBuilder f, MergeTensor tensor, Value[] kept) {
        Value sum = f.mul(f.constant(tensor.number("weight", 0)), kept[0]);
        double weights = tensor.number("weight", 0);
        for (int k = 1; k < kept.length; k++) {
            sum = f.fma(f.constant(tensor.number("weight", k)), kept[k], sum);
            weights += tensor.number("weight", k);
        }
        return tensor.flag("normalize") && Math.abs(weights) >= 1e-8 ? f.div(sum, f.constant(weights)) : sum;
    }

    /** The sum of what has the sign of the sum of all, 0 counting as positive. */
    private static Value elected(FormulaBuilder f, MergeTensor tensor, Value[] kept, boolean counts, Shares shares) {
        Value zero = f.constant(0);
        Value[] weighted = new Value[kept.length];
        Value all = null;
        for (int k = 0; k < kept.length; k++) {
            weighted[k] = counts ? kept[k] : f.mul(f.constant(tensor.number("weight", k)), kept[k]);
            all = all == null ? weighted[k] : f.add(all, weighted[k]);
        }
        Value negative = f.less(all, zero);
        Value sum = null;
        Value divisor = null;
        for (int k = 0; k < kept.length; k++) {
            Value agrees = f.select(negative, f.less(weighted[k], zero), f.less(zero, weighted[k]));
            shares.add(Shares.AGREEMENT, agrees, weighted[k]);
            Value part = f.select(agrees, weighted[k], zero);
            Value weight = f.constant(counts ? 1 : tensor.number("weight", k));
            Value share = f.select(agrees, weight, zero);
            sum = sum == null ? part : f.add(sum, part);
            divisor = divisor == null ? share : f.add(divisor, share);
        }
        if (!counts && !tensor.flag("normalize")) {
            return sum;
        }
        return f.div(sum, f.select(divisor, divisor, f.constant(1)));
    }
}
