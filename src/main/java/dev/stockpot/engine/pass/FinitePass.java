package dev.stockpot.engine.pass;

import dev.stockpot.engine.Combination;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixPlan;
import dev.stockpot.engine.MixPlan.Placed;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.Task;
import dev.stockpot.engine.Way;
import dev.stockpot.run.Concern;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A pass that makes outputs, and raises {@link Concern#NON_FINITE} if what is combined is infinite or not a number. The kernels
 * tell as they work; only then are the values looked at. Copies are not: they keep their bytes.
 *
 * <p>If the run stops at such values, it does at the first tensor that has some, of which all are counted for the message.
 * Otherwise all are counted as the pass comes to them.
 */
public final class FinitePass {
    private FinitePass() {}

    /**
     * Makes what {@code plan} says; no output may be a source.
     *
     * @param names what the sources are in, for messages
     * @throws dev.stockpot.error.SoupException if a result is not finite, unless the engine's run allows that
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read, or changed meanwhile
     * @throws IOException if the sink fails
     * @throws InterruptedException if the calling thread was interrupted; no thread is left running
     */
    public static void run(MixPlan plan, OutputSink sink, Engine engine, Function<TensorInfo, Path> names)
            throws IOException, InterruptedException {
        List<Task> stretches = plan.stretches();
        run(plan, stretches, sink, engine, Pass.isCacheable(stretches), names);
    }

    /** The same with the plan's {@code stretches}, of which the caller knows whether they are {@code cacheable}. */
    public static void run(
            MixPlan plan,
            List<Task> stretches,
            OutputSink sink,
            Engine engine,
            boolean cacheable,
            Function<TensorInfo, Path> names)
            throws IOException, InterruptedException {
        boolean stops = !engine.run().allowed().contains(Concern.NON_FINITE);
        FiniteSink watched = new FiniteSink(plan, sink, stops);
        try {
            Pass.run(stretches, watched, engine, cacheable);
        } catch (FiniteSink.Stopped e) {
            String first =
                    watched.parts().get(watched.found().firstKey()).tensor().name();
            List<MixTensor> parts = watched.parts().stream()
                    .map(Placed::tensor)
                    .filter(part -> part.name().equals(first))
                    .toList();
            List<NotFinite> counts = in(parts, engine);
            NotFiniteWords words = new NotFiniteWords(names);
            for (int k = 0; k < parts.size(); k++) {
                words.add(parts.get(k), counts.get(k));
            }
            throw words.stop(first, plan.tensors().size() > 1);
        }
        if (!watched.found().isEmpty()) {
            NotFiniteWords words = new NotFiniteWords(names);
            watched.found()
                    .forEach((place, some) ->
                            words.add(watched.parts().get(place).tensor(), some));
            words.warn(engine.run());
        }
    }

    /**
     * Raises {@link Concern#NON_FINITE} for {@code tensors}, which are combinations, before anything is made of them. A run that
     * allows such values is not held up.
     *
     * @param names what the sources are in, for messages
     * @throws dev.stockpot.error.SoupException if a result is not finite
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read, or changed meanwhile
     * @throws InterruptedException if the calling thread was interrupted; no thread is left running
     */
    public static void check(List<MixTensor> tensors, Engine engine, Function<TensorInfo, Path> names)
            throws InterruptedException {
        if (engine.run().allowed().contains(Concern.NON_FINITE)) {
            return;
        }
        try {
            run(placed(tensors), (output, offset, bytes) -> {}, engine.silent(), names);
        } catch (IOException e) {
            throw new AssertionError("nothing is written", e);
        }
    }

    /** Each tensor as an output of its own; what they count is for the run that keeps them. */
    private static MixPlan placed(List<MixTensor> tensors) {
        List<Placed> placed = new ArrayList<>();
        for (int t = 0; t < tensors.size(); t++) {
            MixTensor made = tensors.get(t);
            Way how = made.how() instanceof Combination combination ? combination.uncounted() : made.how();
            placed.add(new Placed(
                    new MixTensor(made.name(), made.dtype(), made.shape(), made.sources(), how, made.rest()), t, 0));
        }
        return new MixPlan(placed);
    }

    /**
     * What is not finite in {@code tensors}, which are combinations without a rest. They are made for that, and forgotten.
     *
     * @return one for each tensor
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read, or changed meanwhile
     * @throws InterruptedException if the calling thread was interrupted; no thread is left running
     */
    public static List<NotFinite> in(List<MixTensor> tensors, Engine engine) throws InterruptedException {
        MixPlan plan = placed(tensors);
        FiniteSink counting = new FiniteSink(plan, (output, offset, bytes) -> {}, false);
        try {
            Pass.run(plan.stretches(), counting, engine.silent());
        } catch (IOException e) {
            throw new AssertionError("nothing is written", e);
        }
        List<NotFinite> found = new ArrayList<>();
        for (int t = 0; t < tensors.size(); t++) {
            NotFinite some = counting.found().get(t);
            found.add(
                    some != null ? some : new NotFinite(tensors.get(t).sources().size()));
        }
        return found;
    }
}
