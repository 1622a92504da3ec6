package dev.stockpot.merge.method;

import dev.stockpot.engine.Average;
import dev.stockpot.engine.Calculated;
import dev.stockpot.engine.Copy;
import dev.stockpot.engine.Measured;
import dev.stockpot.engine.Measurement;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Way;
import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Step;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;

/** What the engine does for a method's steps. */
public final class Steps {
    /** What any step needs that follows a reduction: a vector of marks. */
    private static final Needs FOLLOWING = new Needs(1, 8, Long.MAX_VALUE);

    private Steps() {}

    /**
     * An output tensor.
     *
     * @param sources the models' tensors in order, and the base's if there is one
     */
    public static MixTensor tensor(MergeTensor tensor, DType dtype, List<TensorInfo> sources, Step first) {
        if (first instanceof Step.Take take) {
            TensorInfo source = sources.get(take.source());
            return source.dtype() == dtype
                    ? new MixTensor(tensor.name(), dtype, tensor.shape(), List.of(source), Copy.BYTES)
                    : new MixTensor(tensor.name(), dtype, tensor.shape(), List.of(source), Average.SUM);
        }
        if (first instanceof Step.WeightedSum sum) {
            List<TensorInfo> weighed = sources.subList(0, sum.weights().length);
            return new MixTensor(
                    tensor.name(), dtype, tensor.shape(), weighed, new Average(sum.weights(), sum.divisor()));
        }
        return new MixTensor(tensor.name(), dtype, tensor.shape(), sources, way(first));
    }

    /** The part of the work that stays on the processor even if the kernels are a GPU's, if there is one. */
    public static Optional<String> onHost(Way how) {
        Object work = how instanceof Measured<?> measured ? measured.reduction() : how;
        return work instanceof OnHost host ? Optional.of(host.part()) : Optional.empty();
    }

    private static Way way(Step step) {
        if (step instanceof Step.Measure measure) {
            return new Measured<>(
                    new Measurement(measure.formula()),
                    FOLLOWING,
                    totals -> way(measure.next().apply(new Step.Totals(totals.sums(), totals.counts()))));
        }
        if (step instanceof Reduced<?> reduced) {
            return measured(reduced);
        }
        if (step instanceof Made made) {
            return made.how();
        }
        if (step instanceof Step.WeightedSum sum) {
            return new Average(sum.weights(), sum.divisor());
        }
        if (step instanceof Step.Take take) {
            FormulaBuilder f = Formula.builder();
            f.out(f.source(take.source()));
            return new Calculated(f.build());
        }
        return new Calculated(((Step.Combine) step).formula());
    }

    private static <P> Way measured(Reduced<P> reduced) {
        return new Measured<>(
                reduced.reduction(),
                FOLLOWING.or(reduced.follows()),
                numbers -> way(reduced.next().apply(numbers)));
    }
}
