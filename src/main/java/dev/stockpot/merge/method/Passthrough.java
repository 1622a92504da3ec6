package dev.stockpot.merge.method;

import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.Step;
import java.util.List;
import java.util.OptionalDouble;

/** One model's tensors, which {@code slices} can put together anew. */
final class Passthrough implements MergeMethod {
    @Override
    public String name() {
        return "passthrough";
    }

    @Override
    public String description() {
        return "A model's tensors as they are, or times a factor: to stack layers of several models.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.ofModel(
                "scale",
                Double.NEGATIVE_INFINITY,
                Double.POSITIVE_INFINITY,
                OptionalDouble.of(1),
                "What the tensor is multiplied with."));
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
        return 1;
    }

    @Override
    public Step merge(MergeTensor tensor) {
        double scale = tensor.number("scale", 0);
        return scale == 1 ? new Step.Take(0) : new Step.WeightedSum(new double[] {scale}, 1);
    }
}
