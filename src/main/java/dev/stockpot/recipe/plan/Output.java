package dev.stockpot.recipe.plan;

import dev.stockpot.engine.Combination;
import dev.stockpot.engine.Copy;
import dev.stockpot.engine.Measured;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.Needs;
import dev.stockpot.merge.FactListener;
import dev.stockpot.merge.method.Steps;
import dev.stockpot.recipe.PlannedTensor;
import dev.stockpot.tensor.TensorInfo;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The tensors of a merge's output, as they are made and as a plan shows them. */
final class Output {
    private static final FactListener NOBODY = (tensor, facts) -> {};

    private final String method;
    private final Map<String, Function<FactListener, MixTensor>> tensors = new LinkedHashMap<>();
    private final Map<String, PlannedTensor> planned = new LinkedHashMap<>();

    Output(String method) {
        this.method = method;
    }

    /** The tensors, for any number of runs. */
    List<MixTensor> tensors() {
        return tensors(NOBODY);
    }

    /** The tensors for one run, which tells what its methods find out. */
    List<MixTensor> tensors(FactListener listener) {
        return tensors.values().stream().map(make -> make.apply(listener)).toList();
    }

    /** As a plan shows them. */
    List<PlannedTensor> planned() {
        return List.copyOf(planned.values());
    }

    /** Adds a tensor that is copied from its one source. */
    void copy(MixTensor tensor) {
        tensors.put(tensor.name(), listener -> tensor);
        plan(tensor, 1, false, Map.of(), 1);
    }

    /**
     * Adds a tensor.
     *
     * @param tensor as it is made if nobody listens
     * @param telling makes it for a listener
     * @param values of parameters
     */
    void merge(
            MixTensor tensor,
            Function<FactListener, MixTensor> telling,
            Inputs inputs,
            Map<String, double[]> values,
            int passes) {
        tensors.put(tensor.name(), listener -> listener == NOBODY ? tensor : telling.apply(listener));
        plan(tensor, inputs.models().size(), inputs.base().isPresent(), values, passes);
    }

    private void plan(MixTensor tensor, int models, boolean base, Map<String, double[]> values, int passes) {
        Map<String, List<Double>> parameters = new LinkedHashMap<>();
        values.forEach((name, numbers) ->
                parameters.put(name, Arrays.stream(numbers).boxed().toList()));
        long bytes = 0;
        for (TensorInfo source : tensor.sources()) {
            bytes += source.bytes();
        }
        Needs needs = tensor.how() instanceof Measured<?> measured
                ? measured.needs()
                : tensor.how() instanceof Combination combination ? combination.needs() : Needs.NOTHING;
        planned.put(
                tensor.name(),
                new PlannedTensor(
                        tensor.spec(),
                        models,
                        base,
                        tensor.how() == Copy.BYTES,
                        parameters,
                        method,
                        passes,
                        bytes,
                        needs.buffers(tensor.elements()),
                        Steps.onHost(tensor.how())));
    }
}
