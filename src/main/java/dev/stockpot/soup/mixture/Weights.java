package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Average;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.options.TensorWeights;
import dev.stockpot.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The ingredients' weights in a soup.
 *
 * @param values one per ingredient, finite; empty if all weigh the same, or differ by tensor
 * @param byTensor weights by tensor, if they differ
 * @param normalize whether the weighted sum is divided by the sum of the weights
 */
public record Weights(Optional<double[]> values, Optional<TensorWeights> byTensor, boolean normalize) {
    /** Equal weights for all ingredients. */
    public static final Weights EQUAL = new Weights(Optional.empty(), Optional.empty(), true);

    /** These weights, one per ingredient. */
    public static Weights of(double[] values, boolean normalize) {
        return new Weights(Optional.of(values.clone()), Optional.empty(), normalize);
    }

    /** The weights that {@code weights} returns for each tensor. */
    public static Weights of(TensorWeights weights, boolean normalize) {
        return new Weights(Optional.empty(), Optional.of(weights), normalize);
    }

    /** The same weights, divided by their sum or not. */
    public Weights normalizing(boolean divides) {
        return new Weights(values, byTensor, divides);
    }

    /** Those for rows that not all ingredients have: sums that are not divided would make them smaller or larger than the others. */
    Weights ofRest() {
        return normalize ? this : EQUAL;
    }

    /** Checks that there is one finite weight per ingredient. */
    public void check(int ingredients) {
        values.ifPresent(given -> check(given, ingredients));
    }

    private static void check(double[] values, int ingredients) {
        if (values.length != ingredients) {
            throw new SoupException(
                    Reason.WEIGHTS,
                    values.length + (values.length == 1 ? " weight" : " weights") + " for " + ingredients
                            + (ingredients == 1 ? " ingredient" : " ingredients"),
                    Details.of().number("weights", values.length).number("ingredients", ingredients));
        }
        for (double value : values) {
            if (!Double.isFinite(value)) {
                throw new SoupException(Reason.WEIGHTS, "weights should be finite numbers but got " + value);
            }
        }
    }

    /** Their entries in a soup's metadata. */
    Map<String, String> recipe() {
        Map<String, String> recipe = new TreeMap<>();
        values.ifPresent(given -> recipe.put("soup.weights", Arrays.toString(given)));
        byTensor.ifPresent(function -> recipe.put("soup.weights", "by tensor"));
        if (!recipe.isEmpty()) {
            recipe.put("soup.normalized", Boolean.toString(normalize));
        }
        return recipe;
    }

    /** How a tensor is averaged; the numbers contract defines how the sum is formed. */
    Average of(String tensor, Counterparts counterparts, List<Checkpoint> checkpoints) {
        if (values.isEmpty() && byTensor.isEmpty()) {
            return new Average(null, counterparts.ingredients().size());
        }
        double[] chosen = values.isPresent()
                ? counterparts.ingredients().stream()
                        .mapToDouble(k -> values.get()[k])
                        .toArray()
                : given(tensor, counterparts, checkpoints);
        if (!normalize) {
            return new Average(chosen, 1);
        }
        double sum = 0;
        for (double weight : chosen) {
            sum += weight;
        }
        divisible(tensor, sum, counterparts.accumulatesInF32() ? (float) sum : sum);
        return new Average(chosen, sum);
    }

    /** The sum of the weights, as {@code divisor}, unless it cannot be divided by. */
    private static double divisible(String tensor, double sum, double divisor) {
        if (divisor == 0 || !Double.isFinite(divisor)) {
            throw new SoupException(
                    Reason.ZERO_WEIGHTS,
                    "the weights of tensor " + tensor + " sum to " + sum + ", which cannot be divided by",
                    Details.of()
                            .tensor(tensor)
                            .number("sum", sum)
                            .hint("the weighted sum can be taken as it is, without normalizing"));
        }
        return divisor;
    }

    /** Each ingredient's share of a tensor that is the sum of what all contribute: its weight, divided by their sum or not. */
    double[] shares(TensorSpec tensor, List<Checkpoint> checkpoints) {
        double[] chosen = new double[checkpoints.size()];
        Arrays.fill(chosen, 1);
        if (values.isPresent()) {
            chosen = values.get().clone();
        } else if (byTensor.isPresent()) {
            chosen = given(tensor.name(), tensor, checkpoints);
        }
        double sum = 0;
        for (double weight : chosen) {
            sum += weight;
        }
        for (int k = 0; normalize && k < chosen.length; k++) {
            chosen[k] /= divisible(tensor.name(), sum, sum);
        }
        return chosen;
    }

    private double[] given(String tensor, Counterparts counterparts, List<Checkpoint> checkpoints) {
        List<Checkpoint> having =
                counterparts.ingredients().stream().map(checkpoints::get).toList();
        return given(tensor, counterparts.first().spec(), having);
    }

    private double[] given(String tensor, TensorSpec spec, List<Checkpoint> having) {
        double[] weights = byTensor.orElseThrow().of(new TensorSpec(tensor, spec.dtype(), spec.shape()), having);
        check(weights, having.size());
        return weights.clone();
    }
}
