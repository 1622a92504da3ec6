package dev.stockpot.merge.method;

import dev.stockpot.merge.Fact;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Parameter;
import java.util.Arrays;
import java.util.List;

/** The mean, drawn to the base by the models' angles (Jang et al., "Model Stock", ECCV 2024, section 4). */
final class ModelStock extends GramMethod {
    /** Lengths below this count as this: mergekit's limit. */
    private static final double SHORTEST = 1e-6;

    @Override
    public String name() {
        return "model_stock";
    }

    @Override
    public String description() {
        return "t mean(x) + (1-t) base, t = N c / (1 + (N-1) c), c the mean cosine between deltas (Jang et al., Model Stock,"
                + " ECCV 2024).";
    }

    @Override
    public Base base() {
        return Base.REQUIRED;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.flag("filter_wise", false, "Finds t for each row."));
    }

    @Override
    Vectors vectors(MergeTensor tensor) {
        return tensor.flag("filter_wise") && tensor.shape().size() > 1 ? Vectors.ROWS : Vectors.TENSOR;
    }

    @Override
    Decision decide(Gram gram, MergeTensor tensor) {
        int n = gram.models();
        double sum = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                sum += Gram.clamped(gram.product(i, j) / Math.max(gram.norm(i) * gram.norm(j), SHORTEST));
            }
        }
        double c = sum / (n * (n - 1) / 2.0);
        double below = 1 + (n - 1) * c;
        double t = Math.abs(below) < 1e-6 ? 0 : n * c / below;
        double[] weights = new double[n];
        Arrays.fill(weights, t / n);
        return Decision.of(weights, new Fact.Number("cosine", c), new Fact.Number("t", t));
    }
}
