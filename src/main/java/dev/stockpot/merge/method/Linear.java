package dev.stockpot.merge.method;

import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.Step;
import java.util.List;
import java.util.OptionalDouble;

/** The weighted average (Wortsman et al., "Model soups", ICML 2022). */
final class Linear implements MergeMethod {
    @Override
    public String name() {
        return "linear";
    }

    @Override
    public String description() {
        return "The weighted sum of the models, divided by the sum of the weights (Wortsman et al., Model soups, ICML 2022).";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.ofModel(
                        "weight",
                        Double.NEGATIVE_INFINITY,
                        Double.POSITIVE_INFINITY,
                        OptionalDouble.empty(),
                        "The model's weight."),
                Parameter.flag("normalize", true, "Divides by the sum of the weights."));
    }

    @Override
    public Base base() {
        return Base.NONE;
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
    public Step merge(MergeTensor tensor) {
        double[] weights = tensor.values().get("weight");
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        if (tensor.flag("normalize") && sum == 0) {
            throw new ArithmeticException(
                    "the weights of tensor " + tensor.name() + " add up to 0, and 'normalize' divides by that");
        }
        return new Step.WeightedSum(weights, tensor.flag("normalize") ? sum : 1);
    }
}
