package dev.stockpot;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.Checkpoints;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.diagnose.Comparison;
import dev.stockpot.diagnose.Diagnosis;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.run.MixListener;
import dev.stockpot.soup.GreedySoup;
import dev.stockpot.soup.LearnedSoup;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.soup.mixture.Conversion;
import dev.stockpot.tensor.DType;
import java.nio.file.Path;
import java.util.List;

/**
 * The library's front door. Nothing here prints, exits or changes global state; progress and notes go to a
 * {@link MixListener}; failures are {@link dev.stockpot.error.StockpotException}s; interrupting the calling thread cancels
 * a run and leaves nothing behind.
 *
 * <pre>{@code
 * UniformSoup soup = Stockpot.uniform(List.of(Path.of("a.safetensors"), Path.of("b.safetensors")));
 * soup.write(Path.of("soup.safetensors"), WriteOptions.defaults(), Stockpot.settings(), MixListener.silent());
 * }</pre>
 */
public final class Stockpot {
    private Stockpot() {}

    /**
     * Opens a checkpoint: reads and validates its header, none of its values.
     *
     * @param path a file, an index file or a model directory
     * @throws dev.stockpot.error.CheckpointException where it is not a checkpoint, or a damaged one
     */
    public static Checkpoint open(Path path) {
        return Checkpoints.open(path);
    }

    /**
     * Opens a checkpoint, with a say in which of a file's tensors to read and under which names.
     *
     * @throws dev.stockpot.error.CheckpointException where it is not a checkpoint, a damaged one, or the options do not fit it
     */
    public static Checkpoint open(Path path, OpenOptions options) {
        return Checkpoints.open(path, options);
    }

    /**
     * The uniform soup of checkpoints, opened in the order given.
     *
     * @throws dev.stockpot.error.CheckpointException where one cannot be opened
     */
    public static UniformSoup uniform(List<Path> ingredients) {
        return uniform(ingredients, OpenOptions.defaults());
    }

    /** As above, all opened with the same options. */
    public static UniformSoup uniform(List<Path> ingredients, OpenOptions options) {
        return UniformSoup.of(openAll(ingredients, options));
    }

    /**
     * A greedy soup of checkpoints, opened in the order given, still to be searched.
     *
     * <pre>{@code
     * try (Evaluator evaluator = Stockpot.evaluator("cmd:python3 eval.py {checkpoint}", EvaluatorOptions.defaults())) {
     *     GreedyResult found = Stockpot.greedy(paths).search(evaluator, Stockpot.settings(), SearchListener.silent());
     *     found.write(out, WriteOptions.defaults(), Stockpot.settings(), MixListener.silent());
     * }
     * }</pre>
     *
     * @throws dev.stockpot.error.CheckpointException where one cannot be opened
     */
    public static GreedySoup greedy(List<Path> ingredients) {
        return GreedySoup.of(openAll(ingredients, OpenOptions.defaults()));
    }

    /**
     * A diagnosis of checkpoints, opened in the order given: whether they make a soup.
     *
     * @throws dev.stockpot.error.CheckpointException where one cannot be opened
     */
    public static Diagnosis diagnose(List<Path> ingredients) {
        return Diagnosis.of(openAll(ingredients, OpenOptions.defaults()));
    }

    /**
     * A learned soup of checkpoints, opened in the order given, still to be learned.
     *
     * @throws dev.stockpot.error.CheckpointException where one cannot be opened
     */
    public static LearnedSoup learned(List<Path> ingredients) {
        return LearnedSoup.of(openAll(ingredients, OpenOptions.defaults()));
    }

    /**
     * Opens checkpoints, all with the same options.
     *
     * @throws dev.stockpot.error.CheckpointException where one cannot be opened
     */
    public static List<Checkpoint> openAll(List<Path> paths, OpenOptions options) {
        return Checkpoints.openAll(paths, options);
    }

    /**
     * Starts an evaluator by its specification; a program may also bring an {@link Evaluator} of its own.
     *
     * @param spec {@code cmd:COMMAND LINE with {checkpoint}}, {@code worker:COMMAND LINE} or {@code torchscript:MODEL}
     * @throws dev.stockpot.error.EvaluationException where there is no such kind, or it cannot be started
     */
    public static Evaluator evaluator(String spec, EvaluatorOptions options) throws InterruptedException {
        return Evaluators.open(spec, options);
    }

    /** Compares two checkpoints tensor by tensor. */
    public static Comparison compare(Checkpoint a, Checkpoint b, EngineSettings settings) throws InterruptedException {
        return Comparison.of(a, b, settings);
    }

    /** Writes a checkpoint in another layout or dtype ({@code dtype} null keeps every tensor's bytes). */
    public static Checkpoint convert(
            Checkpoint checkpoint,
            Path out,
            DType dtype,
            WriteOptions options,
            EngineSettings settings,
            MixListener listener)
            throws InterruptedException {
        return Conversion.write(checkpoint, out, dtype, options, settings, listener);
    }

    /** This machine's best kernels on all its processors, files mapped where that is right. */
    public static EngineSettings settings() {
        return EngineSettings.of(KernelSelection.select("auto"));
    }
}
