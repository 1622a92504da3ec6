package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointBuilder;
import dev.stockpot.engine.Average;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.ModelMemory;
import dev.stockpot.engine.Operation;
import dev.stockpot.engine.Quotient;
import dev.stockpot.engine.pass.MemoryMixer;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.run.Run;
import dev.stockpot.soup.mixture.IngredientNotes;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The mean of checkpoints that arrive one after the other, as training saves them: their plain mean, or an exponential one, in
 * which older checkpoints weigh less. It keeps one model's weights in memory off the Java heap, however many checkpoints
 * arrive: in F32 if a tensor's own type has 16 bits or less, in F64 otherwise.
 *
 * <p>The plain mean has the same bits as the {@link UniformSoup} of the same checkpoints. The exponential one is {@code mean =
 * decay * mean + (1 - decay) * next}, fused and rounded once to the state's type. Integer tensors are those of the first
 * checkpoint in a plain mean, of the latest in an exponential one, as in PyTorch's {@code AveragedModel}. Not thread-safe.
 *
 * <pre>{@code
 * try (RunningMean mean = RunningMean.exponential(Stockpot.open(step1), 0.999)) {
 *     mean.add(Stockpot.open(step2));
 *     mean.soup().write(Path.of("ema.safetensors"));
 * }
 * }</pre>
 */
public final class RunningMean implements AutoCloseable {
    private static final String DECAY = "stockpot.decay";
    private static final String COUNT = "stockpot.count";
    private static final String DTYPES = "stockpot.dtypes";

    private final OptionalDouble decay;
    /** The tensors as the soup writes them, in order. */
    private final Map<String, TensorSpec> specs;

    private final Checkpoint state;
    private final ModelMemory memory;
    private long count;

    private RunningMean(OptionalDouble decay, Checkpoint pattern, Map<String, TensorSpec> specs, long count) {
        this.decay = decay;
        this.specs = specs;
        this.count = count;
        List<TensorSpec> kept = specs.values().stream().map(RunningMean::kept).toList();
        this.memory = ModelMemory.allocate(kept);
        Map<String, String> metadata = new TreeMap<>(pattern.metadata());
        metadata.keySet().removeAll(List.of(DECAY, COUNT, DTYPES));
        CheckpointBuilder builder =
                Checkpoint.inMemory("running mean of " + pattern.path()).metadata(metadata);
        kept.forEach(spec -> builder.put(spec, memory.tensors().get(spec.name())));
        this.state = builder.build();
    }

    /** Starts a plain mean, on all processors; see {@link #plain(Checkpoint, Run)}. */
    public static RunningMean plain(Checkpoint first) throws InterruptedException {
        return plain(first, Run.defaults());
    }

    /**
     * Starts a plain mean.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public static RunningMean plain(Checkpoint first, Run run) throws InterruptedException {
        return begin(OptionalDouble.empty(), first, run);
    }

    /** Starts an exponential mean, on all processors; see {@link #exponential(Checkpoint, double, Run)}. */
    public static RunningMean exponential(Checkpoint first, double decay) throws InterruptedException {
        return exponential(first, decay, Run.defaults());
    }

    /**
     * Starts an exponential mean.
     *
     * @param decay the weight of the current mean when a checkpoint is added, above 0 and below 1
     * @throws IllegalArgumentException if {@code decay} is out of this range
     * @throws InterruptedException if the thread is interrupted
     */
    public static RunningMean exponential(Checkpoint first, double decay, Run run) throws InterruptedException {
        if (!(decay > 0 && decay < 1)) {
            throw new IllegalArgumentException("decay should be above 0 and below 1 but got " + decay);
        }
        return begin(OptionalDouble.of(decay), first, run);
    }

    private static RunningMean begin(OptionalDouble decay, Checkpoint first, Run run) throws InterruptedException {
        Map<String, TensorSpec> specs = new LinkedHashMap<>();
        first.tensors().values().forEach(tensor -> specs.put(tensor.name(), tensor.spec()));
        RunningMean mean = new RunningMean(decay, first, specs, 0);
        try {
            mean.add(first, run);
            return mean;
        } catch (RuntimeException | InterruptedException e) {
            mean.close();
            throw e;
        }
    }

    /** Resumes a saved mean, on all processors; see {@link #resume(Path, Run)}. */
    public static RunningMean resume(Path file) throws InterruptedException {
        return resume(file, Run.defaults());
    }

    /**
     * Resumes a saved mean.
     *
     * @throws CheckpointException if the file is not a saved running mean, or cannot be read
     * @throws InterruptedException if the thread is interrupted
     */
    public static RunningMean resume(Path file, Run run) throws InterruptedException {
        Checkpoint saved = Checkpoint.open(file);
        Map<String, String> own = new TreeMap<>(saved.metadata());
        OptionalDouble decay;
        long count;
        Map<String, TensorSpec> specs = new LinkedHashMap<>();
        try {
            count = Long.parseLong(own.get(COUNT));
            String kept = own.get(DECAY);
            decay = kept == null ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(kept));
            Map<String, DType> dtypes = new HashMap<>();
            Iterator<String> listed = List.of(own.get(DTYPES).split(",")).iterator();
            new TreeSet<>(saved.tensors().keySet()).forEach(name -> dtypes.put(name, DType.valueOf(listed.next())));
            for (TensorInfo tensor : saved.tensors().values()) {
                TensorSpec spec = new TensorSpec(tensor.name(), dtypes.get(tensor.name()), tensor.shape());
                if (!kept(spec).equals(tensor.spec())) {
                    throw new IllegalArgumentException(tensor.name() + " is " + tensor.dtype());
                }
                specs.put(spec.name(), spec);
            }
        } catch (RuntimeException e) {
            throw new CheckpointException(Reason.DAMAGED, file, "is not a saved running mean: " + e.getMessage());
        }
        RunningMean mean = new RunningMean(decay, saved, specs, count);
        try (Engine engine = Engine.open(run)) {
            Mixture.asItIs(saved).mixInto(mean.memory.tensors(), engine);
            return mean;
        } catch (RuntimeException | InterruptedException e) {
            mean.close();
            throw e;
        }
    }

    /** A tensor's state: floats are kept in the type in which the numbers contract sums them. */
    private static TensorSpec kept(TensorSpec spec) {
        DType dtype = !spec.dtype().isFloat() ? spec.dtype() : spec.dtype().bits() <= 16 ? DType.F32 : DType.F64;
        return new TensorSpec(spec.name(), dtype, spec.shape());
    }

    /** The number of checkpoints in the mean. */
    public long count() {
        return count;
    }

    /** The decay of an exponential mean; empty for a plain one. */
    public OptionalDouble decay() {
        return decay;
    }

    /** Adds the next checkpoint, on all processors; see {@link #add(Checkpoint, Run)}. */
    public void add(Checkpoint next) throws InterruptedException {
        add(next, Run.defaults());
    }

    /**
     * Adds the next checkpoint. After any exception except {@link SoupException} the mean is undefined.
     *
     * @throws SoupException if its tensors have other names, shapes or types than those of the first checkpoint, or other
     *     values where those cannot be averaged; the mean is unchanged
     * @throws CheckpointException if it cannot be read
     * @throws InterruptedException if the thread is interrupted
     */
    public void add(Checkpoint next, Run run) throws InterruptedException {
        Checkpoint pattern = count == 0 ? next : state;
        Ingredients.matchAligned(List.of(pattern, next), MatchOptions.defaults(), List.of());
        List<MixTensor> updates = new ArrayList<>();
        List<TensorMemory> targets = new ArrayList<>();
        for (TensorSpec spec : specs.values()) {
            TensorInfo tensor = next.tensor(spec.name());
            if (tensor.dtype() != spec.dtype()) {
                throw new SoupException(
                        Reason.TYPES_DIFFER,
                        "tensor " + spec.name() + " in " + next.path() + " is " + tensor.dtype() + " but was "
                                + spec.dtype() + " in the first checkpoint of the mean",
                        Details.of().file(next.path()).tensor(spec.name()));
            }
            if (count > 0 && spec.dtype().kind() == DType.Kind.PACKED) {
                IngredientNotes.checkSame(state.tensor(spec.name()), tensor);
            }
            update(spec, tensor).ifPresent(update -> {
                updates.add(update);
                targets.add(memory.tensors().get(spec.name()));
            });
        }
        try (Engine engine = Engine.open(run)) {
            MemoryMixer.mix(updates, targets, engine);
        }
        count++;
    }

    /** The update of a tensor, if it changes. It overwrites one of its sources: each element is read before it is written. */
    private Optional<MixTensor> update(TensorSpec spec, TensorInfo next) {
        TensorInfo mean = state.tensor(spec.name());
        if (!spec.dtype().isFloat()) {
            return count == 0 || decay.isPresent() ? Optional.of(MixTensor.copy(next)) : Optional.empty();
        }
        List<TensorInfo> sources = count == 0 ? List.of(next) : List.of(mean, next);
        Operation how = count == 0 || decay.isEmpty()
                ? Average.SUM
                : new Average(new double[] {decay.getAsDouble(), 1 - decay.getAsDouble()}, 1);
        return Optional.of(new MixTensor(spec.name(), mean.dtype(), spec.shape(), sources, how));
    }

    /** The mean as a soup, in the types of the first checkpoint. Valid until the next one is added, or this is closed. */
    public Soup soup() {
        List<MixTensor> tensors = new ArrayList<>();
        for (TensorSpec spec : specs.values()) {
            TensorInfo mean = state.tensor(spec.name());
            tensors.add(
                    spec.dtype().isFloat()
                            ? new MixTensor(spec.name(), spec.dtype(), spec.shape(), List.of(mean), result(mean))
                            : MixTensor.copy(mean));
        }
        Map<String, String> recipe = new TreeMap<>();
        recipe.put("soup.recipe", decay.isPresent() ? "exponential mean" : "running mean");
        recipe.put("soup.ingredients", Long.toString(count));
        decay.ifPresent(value -> recipe.put("soup.decay", Double.toString(value)));
        return new FoundSoup(Mixture.of(List.of(state), tensors, recipe));
    }

    private Operation result(TensorInfo mean) {
        if (decay.isPresent()) {
            return Average.SUM;
        }
        return mean.dtype() == DType.F32 ? new Quotient(count) : new Average(null, count);
    }

    /** Saves the mean, on all processors, and replaces an existing file; see {@link #save(Path, Run)}. */
    public void save(Path file) throws InterruptedException {
        save(file, Run.builder().overwrite(true).build());
    }

    /**
     * Saves the mean for {@link #resume}.
     *
     * @param file a {@code .safetensors} file
     * @param run whether an existing file is replaced, and on what to run
     * @throws CheckpointException if it cannot be written
     * @throws InterruptedException if the thread is interrupted; an existing file is kept
     */
    public void save(Path file, Run run) throws InterruptedException {
        Map<String, String> metadata = new TreeMap<>(state.metadata());
        metadata.put(COUNT, Long.toString(count));
        decay.ifPresent(value -> metadata.put(DECAY, Double.toString(value)));
        metadata.put(
                DTYPES,
                new TreeMap<>(specs)
                        .values().stream().map(spec -> spec.dtype().name()).collect(Collectors.joining(",")));
        List<MixTensor> tensors =
                state.tensors().values().stream().map(MixTensor::copy).toList();
        new FoundSoup(new Mixture(List.of(state), tensors, metadata)).write(file, run);
    }

    /** Frees its memory. */
    @Override
    public void close() {
        memory.close();
    }
}
