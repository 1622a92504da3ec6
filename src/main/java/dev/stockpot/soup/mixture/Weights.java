package dev.stockpot.soup.mixture;

import dev.stockpot.engine.MixTensor;
import dev.stockpot.error.SoupException;
import java.util.List;

/**
 * The ingredients' weights in a soup.
 *
 * @param values one an ingredient, finite, or null where all weigh the same
 * @param normalize whether the weighted sum is divided by the sum of the weights
 */
public record Weights(double[] values, boolean normalize) {
    /** All ingredients alike. */
    public static final Weights EQUAL = new Weights(null, true);

    /** That there is one finite weight an ingredient. */
    public void check(int ingredients) {
        if (values == null) {
            return;
        }
        if (values.length != ingredients) {
            throw new SoupException(values.length + (values.length == 1 ? " weight" : " weights") + " for "
                    + ingredients + (ingredients == 1 ? " ingredient" : " ingredients"));
        }
        for (double value : values) {
            if (!Double.isFinite(value)) {
                throw new SoupException("weights should be finite numbers but got " + value);
            }
        }
    }

    /** What to do with a tensor that the ingredients of these numbers hold; the numbers contract says how the sum is formed. */
    MixTensor.Average of(String tensor, List<Integer> having, boolean f32) {
        if (values == null) {
            return new MixTensor.Average(null, having.size());
        }
        double[] chosen = having.stream().mapToDouble(k -> values[k]).toArray();
        if (!normalize) {
            return new MixTensor.Average(chosen, 1);
        }
        double sum = 0;
        for (double weight : chosen) {
            sum += weight;
        }
        double divisor = f32 ? (float) sum : sum;
        if (divisor == 0 || !Double.isFinite(divisor)) {
            throw new SoupException(
                    "the weights of tensor " + tensor + " sum to " + sum + ", which nothing can be divided by",
                    "--no-normalize takes the weighted sum as it is");
        }
        return new MixTensor.Average(chosen, sum);
    }
}
