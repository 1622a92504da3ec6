package dev.stockpot.engine.pass;

import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixPlan;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Makes tensors in a program's memory instead of a file. */
public final class MemoryMixer {
    private MemoryMixer() {}

    /**
     * Makes {@code tensors} in one pass, whatever their values. After an exception the memory's content is undefined.
     *
     * @param targets one for each tensor, of its length
     * @throws IllegalArgumentException if a target has another length
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read, or changed meanwhile
     * @throws InterruptedException if the calling thread was interrupted; no thread is left running
     */
    public static void mix(List<MixTensor> tensors, List<TensorMemory> targets, Engine engine)
            throws InterruptedException {
        Pass.run(plan(tensors, targets).stretches(), targets, engine);
    }

    /**
     * The same, which stops or warns where the results are not finite; no target may be a source.
     *
     * @param names what the sources are in, for messages
     * @throws dev.stockpot.error.SoupException if a result is not finite, unless the engine's run allows that
     */
    public static void mix(
            List<MixTensor> tensors, List<TensorMemory> targets, Engine engine, Function<TensorInfo, Path> names)
            throws InterruptedException {
        MixPlan plan = plan(tensors, targets);
        try {
            FinitePass.run(plan, new MemorySink(targets), engine, names);
        } catch (IOException e) {
            throw new AssertionError("writing to memory cannot fail", e);
        }
    }

    private static MixPlan plan(List<MixTensor> tensors, List<TensorMemory> targets) {
        List<MixPlan.Placed> placed = new ArrayList<>(tensors.size());
        for (int t = 0; t < tensors.size(); t++) {
            check(tensors.get(t), targets.get(t));
            placed.add(new MixPlan.Placed(tensors.get(t), t, 0));
        }
        return new MixPlan(placed);
    }

    private static void check(MixTensor tensor, TensorMemory target) {
        if (target.bytes() != tensor.bytes()) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " takes " + tensor.bytes()
                    + " bytes but there is memory for " + target.bytes());
        }
    }
}
