package dev.stockpot.recipe.plan;

import dev.stockpot.engine.AlikeTensors;
import dev.stockpot.engine.Combination;
import dev.stockpot.engine.Measured;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Way;
import dev.stockpot.merge.FactListener;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.method.Steps;
import dev.stockpot.recipe.PlannedTensor;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.RandomAccess;

/**
 * The tensors of a merge's output, as they are made and as a plan shows them. Of each it keeps little, as a model may have tens of
 * thousands: what can be told again from that is made when it is asked for.
 */
final class Output {
    private final MergeMethod method;
    private final List<Planned> tensors = new ArrayList<>();
    /** Most tensors of a model have the same parameters: each is kept once. */
    private final Map<Map<String, List<Double>>, Settled> settled = new HashMap<>();
    /** Most are in the same files: each list of those is kept once. */
    private final Map<List<Source>, List<Source>> files = new HashMap<>();

    Output(MergeMethod method) {
        this.method = method;
    }

    /** Parameters as methods and as plans have them. */
    record Settled(Map<String, double[]> values, Map<String, List<Double>> parameters) {}

    /**
     * How a tensor is made.
     *
     * @param made for runs without a listener
     */
    private sealed interface Planned {
        MixTensor made();
    }

    private record Copied(MixTensor made) implements Planned {}

    /**
     * One that is merged.
     *
     * @param tensor under the name that its masks are drawn for
     * @param sources of the models in order, and of the base
     */
    private record Merged(MixTensor made, MergeTensor tensor, List<TensorInfo> sources, Settled settled)
            implements Planned {}

    /** The tensors: for any number of runs, or for one that tells what its methods find out. */
    List<MixTensor> tensors(Optional<FactListener> listener) {
        List<MixTensor> made = new ArrayList<>(tensors.size());
        for (Planned planned : tensors) {
            made.add(
                    listener.isPresent() && planned instanceof Merged merged
                            ? telling(merged, listener.get())
                            : planned.made());
        }
        return made;
    }

    private MixTensor telling(Merged merged, FactListener listener) {
        String name = merged.made().name();
        MergeTensor tensor = merged.tensor().withFacts();
        return made(
                name, tensor, merged.made().dtype(), merged.sources(), (drawn, facts) -> listener.found(name, facts));
    }

    private MixTensor made(
            String name, MergeTensor tensor, DType dtype, List<TensorInfo> sources, FactListener listener) {
        return Steps.tensor(tensor, dtype, sources, () -> method.merge(tensor), listener)
                .named(name);
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
        tensors.add(new Copied(tensor));
    }

    /**
     * Adds a tensor that is merged.
     *
     * @param tensor under the name that its masks are drawn for
     * @throws IllegalArgumentException if the method cannot merge it
     * @throws ArithmeticException if its parameters leave nothing to divide by
     */
    void merge(String name, MergeTensor tensor, DType dtype, List<TensorInfo> from, Settled parameters) {
        List<TensorInfo> sources = AlikeTensors.of(from, files);
        MixTensor made = made(name, tensor, dtype, sources, (drawn, facts) -> {});
        tensors.add(new Merged(made, tensor, sources, parameters));
    }

    /** As a plan shows them. */
    List<PlannedTensor> planned() {
        return new PlannedTensors();
    }

    private final class PlannedTensors extends AbstractList<PlannedTensor> implements RandomAccess {
        @Override
        public PlannedTensor get(int index) {
            Planned planned = tensors.get(index);
            return planned instanceof Merged merged
                    ? shown(
                            planned.made(),
                            merged.tensor().models(),
                            merged.tensor().base(),
                            merged.settled().parameters(),
                            method.passes(merged.tensor()))
                    : shown(planned.made(), 1, false, Map.of(), 1);
        }

        @Override
        public int size() {
            return tensors.size();
        }
    }

    private PlannedTensor shown(
            MixTensor tensor, int models, boolean base, Map<String, List<Double>> parameters, int passes) {
        Way how = tensor.how();
        long bytes = 0;
        for (TensorInfo source : tensor.sources()) {
            bytes += source.bytes();
        }
        return new PlannedTensor(
                tensor.spec(),
                models,
                base,
                tensor.isCopy(),
                parameters,
                method.name(),
                passes,
                bytes,
                needs(how).buffers(tensor.elements()),
                Steps.onHost(how));
    }

    private static Needs needs(Way how) {
        if (how instanceof Measured<?> measured) {
            return measured.needs();
        }
        return how instanceof Combination combination ? combination.needs() : Needs.NOTHING;
    }
}
