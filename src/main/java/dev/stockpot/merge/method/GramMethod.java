package dev.stockpot.merge.method;

import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.Step;
import java.util.List;

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

    /** The weights of the models, or of the deltas if {@code base}. */
    abstract double[] weights(Gram gram, MergeTensor tensor);

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
                new Step.Measure(
                        gram, totals -> combined(tensor, weights(new Gram(tensor.models(), totals.sums()), tensor)));
            case ROWS -> RowSums.step(gram, tensor.rowLength(), rows -> byVector(tensor, rows, true));
            case COLUMNS -> {
                long columns = tensor.elements() / Math.max(1, tensor.shape().get(0));
                yield ColumnProducts.step(tensor.models(), tensor.base(), columns, all -> byVector(tensor, all, false));
            }
        };
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
        for (int v = 0; v < sums.size(); v++) {
            double[] those = weights(new Gram(tensor.models(), sums.get(v)), tensor);
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
        return new Step.Combine(f.build());
    }

    private static Value table(FormulaBuilder f, double[] weights, MergeTensor tensor, boolean rows) {
        return rows ? f.byRow(weights, tensor.rowLength()) : f.byColumn(weights);
    }
}
