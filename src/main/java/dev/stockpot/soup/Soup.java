package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.stream.StreamedModel;
import dev.stockpot.engine.write.CheckpointWriter;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.StatisticsEstimator;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.yaml.RecipeWriter;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.adapter.Reductions;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.options.MatchReport;
import dev.stockpot.soup.options.RankReport;
import dev.stockpot.soup.search.Recalibration;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The result of every recipe: one model's weights, each tensor of which is still to be mixed from the ingredients' tensors. It
 * can be written to a checkpoint, or mixed into a program's memory, any number of times. Immutable and thread-safe.
 */
public abstract sealed class Soup permits UniformSoup, FoundSoup, MergedModel {
    /** Where an output's metadata has the recipe that makes it again. */
    public static final String RECIPE = CheckpointWriter.RECIPE;

    private @Nullable Mixture matched;

    Soup() {}

    /** Matches the ingredients' tensors; called once. */
    abstract Mixture match();

    /** Looks for what speaks against a soup of the ingredients, before they are matched. */
    abstract void check(Run run);

    /** Reports notes on the ingredients, before the soup is written. */
    abstract void tell(RunListener listener) throws InterruptedException;

    /** The tensors to mix, matched once. */
    final synchronized Mixture mixture() {
        if (matched == null) {
            matched = match();
        }
        return matched;
    }

    /**
     * The recipe that makes it again, with ingredients named by the ends of their paths; empty if more than files of ingredients
     * went into it, such as statistics of data.
     *
     * @throws SoupException if the ingredients do not fit together
     */
    public abstract Optional<Recipe> asRecipe();

    /** The ingredients, in the order in which they are summed. */
    public abstract List<Checkpoint> ingredients();

    /**
     * Its tensors, in the first ingredient's order.
     *
     * @throws SoupException if the ingredients do not fit together
     */
    public final List<TensorSpec> tensors() {
        return mixture().tensors().stream().map(MixTensor::spec).toList();
    }

    /** How it is made, as in its metadata; all keys start with {@code soup.}. */
    public final Map<String, String> recipe() {
        return mixture().recipe();
    }

    /**
     * What was done with tensors that not all ingredients have alike.
     *
     * @throws SoupException if the ingredients do not fit together
     */
    public final MatchReport matching() {
        return mixture().report();
    }

    /**
     * What reducing the rank of averaged adapters leaves of them. Once the soup is written it is known; before that it takes as
     * long as the reduction.
     *
     * @throws SoupException if the ingredients do not fit together
     */
    public final RankReport ranks() {
        return mixture()
                .adapters()
                .map(Mixture.Adapters::reductions)
                .orElse(Reductions.NONE)
                .report();
    }

    /**
     * Writes it on all processors; does not replace an existing output.
     *
     * @param out a file of the format that its name ends in ({@code .safetensors}, {@code .pt}, {@code .npz}, {@code .gguf},
     *     {@code .onnx} ...), or a model directory, whose name has no extension
     * @return the output, opened
     * @throws SoupException if the ingredients do not fit together, or the soup would be no model worth having
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read or written; nothing is left at {@code out}
     * @throws InterruptedException if the thread is interrupted; nothing is left at {@code out}
     */
    public final Checkpoint write(Path out) throws InterruptedException {
        return write(out, Run.defaults());
    }

    /** Writes it as {@code run} says; see {@link #write(Path)}. */
    public final Checkpoint write(Path out, Run run) throws InterruptedException {
        return write(out, WriteOptions.defaults(), run);
    }

    /** Writes it as {@code run} and {@code options} say; see {@link #write(Path)}. */
    public final Checkpoint write(Path out, WriteOptions given, Run run) throws InterruptedException {
        check(run);
        WriteOptions options = withRecipe(given);
        try (Engine engine = Engine.open(run)) {
            Mixture mixture = mixture();
            CheckpointWriter writer = new CheckpointWriter(
                    out,
                    mixture.written(options),
                    run.overwrite(),
                    mixture.ingredients(),
                    Set.copyOf(mixture.report().excluded()));
            tell(run.listener());
            return writer.write(mixture.tensors(), metadata(mixture, options), engine);
        }
    }

    /**
     * Writes it as one safetensors file to a stream, from the first byte to the last: the bytes of {@link #write(Path, Run)} to a
     * file of that format, for a store, a socket or a pipe. Nothing is written to a disk.
     *
     * @param out is flushed, and left open; after an exception it has a part of the file, which is of no use
     * @throws SoupException if the ingredients do not fit together, or the soup would be no model worth having
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read, or the soup is no single model
     * @throws IOException if {@code out} fails
     * @throws InterruptedException if the thread is interrupted
     */
    public final void write(OutputStream out, Run run) throws IOException, InterruptedException {
        check(run);
        try (Engine engine = Engine.open(run)) {
            Mixture mixture = mixture();
            tell(run.listener());
            mixture.stream(out, metadata(mixture, withRecipe(WriteOptions.defaults())), engine);
        }
    }

    /**
     * Its files as a model directory, each of which can be written to a stream, wherever and whenever. The ingredients are
     * matched, and nothing is read.
     *
     * @param given of which {@link WriteOptions#like} has no effect
     * @throws SoupException if the ingredients do not fit together
     */
    public final SoupFiles files(WriteOptions given) {
        Mixture mixture = mixture();
        WriteOptions options = mixture.written(withRecipe(given));
        StreamedModel model =
                new StreamedModel(mixture.ingredients(), mixture.tensors(), metadata(mixture, options), options);
        return new SoupFiles(this, model);
    }

    private static Map<String, String> metadata(Mixture mixture, WriteOptions options) {
        Map<String, String> metadata = new TreeMap<>(mixture.metadata());
        options.recipe().ifPresent(recipe -> metadata.put(RECIPE, recipe));
        return metadata;
    }

    /** With this soup's own recipe, if none is given. */
    private WriteOptions withRecipe(WriteOptions options) {
        Optional<Recipe> own = options.recipe().isPresent() ? Optional.empty() : asRecipe();
        if (own.isEmpty()) {
            return options;
        }
        String text = RecipeWriter.text(List.of(own.get()));
        return RecipeWriter.isReadable(text) ? options.toBuilder().recipe(text).build() : options;
    }

    /**
     * Writes it in another thread. Cancelling the future interrupts that thread, which ends soon after and leaves nothing at
     * {@code out}.
     *
     * @return a future that completes with the output, or exceptionally with what {@link #write(Path)} throws
     */
    public final CompletableFuture<Checkpoint> writeAsync(Path out, WriteOptions options, Run run) {
        return Cancellable.start("stockpot-write", () -> write(out, options, run));
    }

    /**
     * Mixes one tensor into a program's memory, from the buffer's position to its limit; the position then equals the limit.
     *
     * @param into a buffer in which exactly the tensor's bytes remain; filled with its little-endian values; the {@code Arena}
     *     of one must stay open during the call
     * @throws SoupException if there is no such tensor
     * @throws IllegalArgumentException if the buffer is read-only or a different number of bytes remains
     */
    public final void mix(String tensor, ByteBuffer into) throws InterruptedException {
        mix(tensor, into, Run.defaults());
    }

    /** Mixes one tensor as {@code run} says; see {@link #mix(String, ByteBuffer)}. */
    public final void mix(String tensor, ByteBuffer into, Run run) throws InterruptedException {
        if (into.isReadOnly()) {
            throw new IllegalArgumentException("the buffer for tensor " + tensor + " is read-only");
        }
        spec(tensor);
        mixInto(Map.of(tensor, TensorMemory.of(into)), run);
        into.position(into.limit());
    }

    /**
     * Mixes one float tensor into an array, in row-major order, each value rounded to the nearest {@code float}.
     *
     * @throws SoupException if there is no such tensor
     * @throws IllegalArgumentException if it is not of a float type
     */
    public final float[] floats(String tensor) throws InterruptedException {
        TensorSpec spec = spec(tensor);
        DType dtype = spec.dtype();
        if (!dtype.isFloat()) {
            throw new IllegalArgumentException("tensor " + tensor + " is " + dtype + ", not of a float type");
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(spec.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        mix(tensor, bytes);
        float[] floats = new float[Math.toIntExact(spec.elements())];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) FloatFormat.decode(dtype, bytes, i * (dtype.bits() / 8));
        }
        return floats;
    }

    private TensorSpec spec(String tensor) {
        return mixture()
                .tensor(tensor)
                .orElseThrow(() -> new SoupException(
                        Reason.NO_SUCH_TENSOR,
                        "the soup has no tensor " + tensor,
                        Details.of().tensor(tensor)))
                .spec();
    }

    /**
     * Mixes the tensors that {@code targets} names into a program's memory, all in one pass. After an exception the memory's
     * content is undefined.
     *
     * @param targets memory by tensor name, each of the tensor's length; filled with its little-endian values
     * @throws SoupException if the ingredients do not fit together, or there is no such tensor
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read
     * @throws InterruptedException if the thread is interrupted
     */
    public final void mixInto(Map<String, TensorMemory> targets, Run run) throws InterruptedException {
        targets.keySet().forEach(this::spec);
        try (Engine engine = Engine.open(run)) {
            mixture().mixInto(targets, engine);
        }
    }

    /**
     * The same soup with its batch normalisation's running statistics re-estimated: those of averaged weights are not the
     * average of the ingredients' statistics.
     *
     * @throws dev.stockpot.error.EvaluationException if it has none, or they cannot be estimated
     */
    public final Soup recalibrated(StatisticsEstimator estimator, Run run) throws InterruptedException {
        check(run);
        try (Engine engine = Engine.open(run)) {
            tell(run.listener());
            return new FoundSoup(Recalibration.of(mixture(), estimator, engine));
        }
    }

    @Override
    public final String toString() {
        return "Soup of " + ingredients().size() + " ingredients " + ingredients();
    }
}
