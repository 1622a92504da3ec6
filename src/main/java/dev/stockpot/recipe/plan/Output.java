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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The tensors of a merge's output, as they are made and as a plan shows them. */
final class Output {
    private final String method;
    private final Map<String, Function<Optional<FactListener>, MixTensor>> tensors = new LinkedHashMap<>();
    private final Map<String, PlannedTensor> planned = new LinkedHashMap<>();
    /** Most tensors of a model have the same parameters: each is kept once. */
    private final Map<Map<String, List<Double>>, Settled> settled = new HashMap<>();

    /** Parameters as methods and as plans have them. */
    record Settled(Map<String, double[]> values, Map<String, List<Double>> parameters) {}

    Output(String method) {
        this.method = method;
    }

    /** The tensors: for any number of runs, or for one that tells what its methods find out. */
    List<MixTensor> tensors(Optional<FactListener> listener) {
        return tensors.values().stream().map(make -> make.apply(listener)).toList();
    }

    /** As a plan shows them. */
    List<PlannedTensor> planned() {
        return List.copyOf(planned.values());
    }

    /** The parameters of a tensor, which may be those of others too. */
    Settled settle(Map<String, double[]> values) {
        Map<String, List<Double>> parameters = new LinkedHashMap<>();
        values.forEach((name, numbers) ->
                parameters.put(name, Arrays.stream(numbers).boxed().toList()));
        return settled.computeIfAbsent(parameters, same -> new Settled(values, Map.copyOf(same)));
    }

    /** Adds a tensor that is copied from its one source. */
    void copy(MixTensor tensor) {
        tensors.put(tensor.name(), listener -> tensor);
        plan(tensor, 1, false, Map.of(), 1);
    }

    /**
     * Adds a tensor.
     *
     * @param made as it is made if nobody listens; it is made again for each run, as plans for very many tensors should be
     *     small
     * @param making makes it for a listener
     */
    void merge(
            MixTensor made,
            Function<Optional<FactListener>, MixTensor> making,
            Inputs inputs,
            Settled parameters,
            int passes) {
        tensors.put(made.name(), making);
        plan(made, inputs.models().size(), inputs.base().isPresent(), parameters.parameters(), passes);
    }

    private void plan(MixTensor tensor, int models, boolean base, Map<String, List<Double>> parameters, int passes) {
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
