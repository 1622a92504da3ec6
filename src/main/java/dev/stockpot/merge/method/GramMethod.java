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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A weighted sum of models, or of their deltas on the base, whose weights follow from the models' inner products. */
abstract class GramMethod implements MergeMethod {
    /** What a Gram matrix is of. */
    enum Vectors {
        /** The whole tensor is one vector. */
        TENSOR,
        /** Each row is one. */
        ROWS,
        /** Each column is one. */
        COLUMNS
    }

    /** What follows from a Gram matrix: the weights of the models, or of the deltas if there is a base, and how they came about. */
    record Decision(double[] weights, List<Fact> facts) {
        static Decision of(double[] weights, Fact... facts) {
            return new Decision(weights, List.of(facts));
        }

        /** How far from the first of two to the second: on a straight line, or on the great circle at {@code angle}. */
        static Decision between(double cosine, double angle, boolean line, double t) {
            double sine = StrictMath.sin(angle);
            double[] weights = line
                    ? new double[] {1 - t, t}
                    : new double[] {StrictMath.sin((1 - t) * angle) / sine, StrictMath.sin(t * angle) / sine};
            return of(
                    weights,
                    new Fact.Number("cosine", cosine),
                    new Fact.Number("t", t),
                    new Fact.Word("branch", line ? "lerp" : "slerp"));
        }

        static Fact byModel(double[] weights) {
            return new Fact.ByModel("weights", Arrays.stream(weights).boxed().toList());
        }
    }

    /** Decides for a tensor, or for one of its rows or columns. */
    abstract Decision decide(Gram gram, MergeTensor tensor);

    /** The formula whose sums are the inner products. */
    Formula gram(MergeTensor tensor) {
        return tensor.base() ? Gram.formulaFrom(tensor.baseSource(), tensor.models()) : Gram.formula(tensor.models());
    }

    Vectors vectors(MergeTensor tensor) {
        return Vectors.TENSOR;
    }

    @Override
    public Base base() {
        return Base.OPTIONAL;
    }

    @Override
    public int fewest() {
        return 2;
    }

    @Override
    public int most() {
        return Integer.MAX_VALUE;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public Step merge(MergeTensor tensor) {
        if (tensor.models() == 1) {
            return new Step.Take(0);
        }
        Formula gram = gram(tensor);
        return switch (vectors(tensor)) {
            case TENSOR ->
                new Step.Measure(gram, totals -> {
                    Decision made = decide(new Gram(tensor.models(), totals.sums()), tensor);
                    return new Step.Told(made.facts(), combined(tensor, made.weights()));
                });
            case ROWS -> RowSums.step(gram, tensor.rowLength(), rows -> byVector(tensor, rows, true));
            case COLUMNS -> {
                long columns = tensor.elements() / Math.max(1, tensor.shape().get(0));
                yield ColumnProducts.step(tensor.models(), tensor.base(), columns, all -> byVector(tensor, all, false));
            }
        };
    }

    @Override
    public int passes(MergeTensor tensor) {
        return tensor.models() == 1 ? 1 : 2;
    }

    private static Step combined(MergeTensor tensor, double[] weights) {
        if (!tensor.base()) {
            return new Step.WeightedSum(weights, 1);
        }
        FormulaBuilder f = Formula.builder();
        Value[] deltas = Gram.deltas(f, tensor.baseSource(), tensor.models());
        Value sum = f.mul(f.constant(weights[0]), deltas[0]);
        for (int k = 1; k < weights.length; k++) {
            sum = f.fma(f.constant(weights[k]), deltas[k], sum);
        }
        f.out(f.add(f.source(tensor.baseSource()), sum));
        return new Step.Combine(f.build());
    }

    /** @param sums of each vector */
    private Step byVector(MergeTensor tensor, List<double[]> sums, boolean rows) {
        double[][] weights = new double[tensor.models()][sums.size()];
        FactSpread spread = new FactSpread();
        for (int v = 0; v < sums.size(); v++) {
            Decision made = decide(new Gram(tensor.models(), sums.get(v)), tensor);
            double[] those = made.weights();
            spread.add(made.facts());
            for (int k = 0; k < those.length; k++) {
                weights[k][v] = those[k];
            }
        }
        FormulaBuilder f = Formula.builder();
        Value[] x =
                tensor.base() ? Gram.deltas(f, tensor.baseSource(), tensor.models()) : Gram.models(f, tensor.models());
        Value sum = f.mul(table(f, weights[0], tensor, rows), x[0]);
        for (int k = 1; k < x.length; k++) {
            sum = f.fma(table(f, weights[k], tensor, rows), x[k], sum);
        }
        f.out(tensor.base() ? f.add(f.source(tensor.baseSource()), sum) : sum);
        return new Step.Told(spread.facts(), new Step.Combine(f.build()));
    }

    private static Value table(FormulaBuilder f, double[] weights, MergeTensor tensor, boolean rows) {
        return rows ? f.byRow(weights, tensor.rowLength()) : f.byColumn(weights);
    }

    /** The facts of many vectors, such as a tensor's rows, as facts of the tensor: means and extremes, words that all share. */
    private static final class FactSpread {
        /** What a word is where vectors differ. */
        private static final String BOTH = "both";

        /** A number's sum, extremes and count. */
        private static final class Spread {
            private double sum;
            private double least = Double.POSITIVE_INFINITY;
            private double most = Double.NEGATIVE_INFINITY;
            private long count;
        }

        private final Map<String, Spread> numbers = new LinkedHashMap<>();
        private final Map<String, String> words = new LinkedHashMap<>();

        /** Adds a vector's numbers and words; a number that is none is left out. */
        void add(List<Fact> facts) {
            for (Fact fact : facts) {
                if (fact instanceof Fact.Word word) {
                    words.merge(word.name(), word.word(), (a, b) -> a.equals(b) ? a : BOTH);
                } else if (fact instanceof Fact.Number number) {
                    Spread spread = numbers.computeIfAbsent(number.name(), name -> new Spread());
                    if (!Double.isNaN(number.value())) {
                        spread.sum += number.value();
                        spread.least = Math.min(spread.least, number.value());
                        spread.most = Math.max(spread.most, number.value());
                        spread.count++;
                    }
                }
            }
        }

        /** Of each number the mean, {@code NAME_least} and {@code NAME_most}, and each word. */
        List<Fact> facts() {
            List<Fact> facts = new ArrayList<>();
            numbers.forEach((name, spread) -> {
                boolean some = spread.count > 0;
                facts.add(new Fact.Number(name, spread.sum / spread.count));
                facts.add(new Fact.Number(name + "_least", some ? spread.least : Double.NaN));
                facts.add(new Fact.Number(name + "_most", some ? spread.most : Double.NaN));
            });
            words.forEach((name, word) -> facts.add(new Fact.Word(name, word)));
            return facts;
        }
    }
}
