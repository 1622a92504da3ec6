package dev.stockpot;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.diagnose.Comparison;
import dev.stockpot.diagnose.Diagnosis;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.write.JoinedParts;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.run.KernelState;
import dev.stockpot.run.Run;
import dev.stockpot.soup.GreedySoup;
import dev.stockpot.soup.LearnedSoup;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.soup.checks.Checks;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.search.Evaluation;
import dev.stockpot.soup.search.Journal;
import dev.stockpot.soup.search.Scorer;
import dev.stockpot.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The library's entry point. Nothing here prints or exits; the package page says what it changes in the process. Progress
 * and notes go to a {@link dev.stockpot.run.RunListener}; failures are {@link dev.stockpot.error.StockpotException}s.
 * Interrupting the calling thread cancels a run, which then leaves no output.
 *
 * <pre>{@code
 * Stockpot.uniform(Path.of("a.safetensors"), Path.of("b.safetensors")).write(Path.of("soup.safetensors"));
 * }</pre>
 *
 * <pre>{@code
 * try (Evaluator evaluator = Evaluators.of("my model", candidate -> Scores.of("accuracy", accuracy(candidate)))) {
 *     Stockpot.greedy(paths).search(evaluator).soup().write(Path.of("soup.safetensors"));
 * }
 * }</pre>
 */
public final class Stockpot {
    private Stockpot() {}

    /**
     * Opens a checkpoint: reads and validates its header, but no values.
     *
     * @param path a file, an index file or a model directory
     * @throws dev.stockpot.error.CheckpointException if it is not a checkpoint, or is damaged
     */
    public static Checkpoint open(Path path) {
        return Checkpoint.open(path);
    }

    /**
     * Opens a checkpoint; {@code options} choose which of its tensors to read, and under which names.
     *
     * @throws dev.stockpot.error.CheckpointException if it is not a checkpoint, is damaged, or the options do not fit it
     */
    public static Checkpoint open(Path path, OpenOptions options) {
        return Checkpoint.open(path, options);
    }

    /**
     * Opens checkpoints, all with the same options.
     *
     * @throws dev.stockpot.error.CheckpointException if one cannot be opened
     */
    public static List<Checkpoint> openAll(List<Path> paths, OpenOptions options) {
        return Checkpoint.openAll(paths, options);
    }

    /**
     * The uniform soup of checkpoints, opened in the order given.
     *
     * @throws dev.stockpot.error.CheckpointException if one cannot be opened
     */
    public static UniformSoup uniform(Path... ingredients) {
        return uniform(List.of(ingredients));
    }

    /** Like {@link #uniform(Path...)}. */
    public static UniformSoup uniform(List<Path> ingredients) {
        return uniform(ingredients, OpenOptions.defaults());
    }

    /** Like {@link #uniform(Path...)}, all opened with the same options. */
    public static UniformSoup uniform(List<Path> ingredients, OpenOptions options) {
        return UniformSoup.of(openAll(ingredients, options));
    }

    /** The uniform soup of checkpoints that are already open. */
    public static UniformSoup uniform(Checkpoint... ingredients) {
        return UniformSoup.of(ingredients);
    }

    /**
     * A greedy soup of checkpoints, opened in the order given; it is still to be searched. For open checkpoints, see
     * {@link GreedySoup#of}.
     *
     * @throws dev.stockpot.error.CheckpointException if one cannot be opened
     */
    public static GreedySoup greedy(List<Path> ingredients) {
        return greedy(ingredients, OpenOptions.defaults());
    }

    /** Like {@link #greedy(List)}, all opened with the same options. */
    public static GreedySoup greedy(List<Path> ingredients, OpenOptions options) {
        return GreedySoup.of(openAll(ingredients, options));
    }

    /**
     * A learned soup of checkpoints, opened in the order given; it is still to be learned. For open checkpoints, see
     * {@link LearnedSoup#of}.
     *
     * @throws dev.stockpot.error.CheckpointException if one cannot be opened
     */
    public static LearnedSoup learned(List<Path> ingredients) {
        return learned(ingredients, OpenOptions.defaults());
    }

    /** Like {@link #learned(List)}, all opened with the same options. */
    public static LearnedSoup learned(List<Path> ingredients, OpenOptions options) {
        return LearnedSoup.of(openAll(ingredients, options));
    }

    /**
     * A diagnosis of checkpoints, opened in the order given: whether they make a good soup. For open checkpoints, see
     * {@link Diagnosis#of}.
     *
     * @throws dev.stockpot.error.CheckpointException if one cannot be opened
     */
    public static Diagnosis diagnose(List<Path> ingredients) {
        return diagnose(ingredients, OpenOptions.defaults());
    }

    /** Like {@link #diagnose(List)}, all opened with the same options. */
    public static Diagnosis diagnose(List<Path> ingredients, OpenOptions options) {
        return Diagnosis.of(openAll(ingredients, options));
    }

    /** Scores checkpoints as they are, one at a time; see {@link #evaluate(List, Evaluator, int, CandidateOptions, JournalFile,
     * Run, SearchListener)}. */
    public static List<Scores> evaluate(List<Checkpoint> checkpoints, Evaluator evaluator) throws InterruptedException {
        return evaluate(
                checkpoints,
                evaluator,
                1,
                CandidateOptions.defaults(),
                JournalFile.NONE,
                Run.defaults(),
                SearchListener.silent());
    }

    /**
     * Scores checkpoints as they are; they need not fit together.
     *
     * @param jobs how many are scored concurrently, at least 1
     * @param candidates the form in which those are handed to the evaluator that it cannot read in place, and their folder
     * @param journal where scores are kept, and taken from
     * @return their scores in the order given
     * @throws dev.stockpot.error.EvaluationException if one gets no score
     * @throws InterruptedException if the thread is interrupted
     */
    public static List<Scores> evaluate(
            List<Checkpoint> checkpoints,
            Evaluator evaluator,
            int jobs,
            CandidateOptions candidates,
            JournalFile journal,
            Run run,
            SearchListener listener)
            throws InterruptedException {
        Checkpoint.notes(checkpoints).forEach(run.listener()::note);
        try (Engine engine = Engine.open(run);
                Journal kept = Journal.open(journal, run.listener()::note)) {
            Scorer scorer = new Scorer(evaluator, kept, listener, run.listener()::note);
            return new Evaluation(jobs, candidates, engine).of(checkpoints, scorer, listener);
        }
    }

    /**
     * Compares two checkpoints tensor by tensor.
     *
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read
     * @throws InterruptedException if the thread is interrupted
     */
    public static Comparison compare(Checkpoint a, Checkpoint b, Run run) throws InterruptedException {
        return Comparison.of(a, b, run);
    }

    /**
     * Writes a checkpoint in another format or layout; the bytes of its tensors stay the same.
     *
     * @return the output, opened
     * @throws dev.stockpot.error.SoupException if it has placeholders instead of weights
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read or written; nothing is left at {@code out}
     * @throws InterruptedException if the thread is interrupted; nothing is left at {@code out}
     */
    public static Checkpoint convert(Checkpoint checkpoint, Path out, WriteOptions options, Run run)
            throws InterruptedException {
        return convert(checkpoint, Optional.empty(), out, options, run);
    }

    /**
     * Like {@link #convert(Checkpoint, Path, WriteOptions, Run)}, with its float tensors in {@code dtype}, each value rounded
     * once.
     *
     * @throws dev.stockpot.error.SoupException if they are quantised: rounded values would no longer fit their scales
     */
    public static Checkpoint convert(Checkpoint checkpoint, DType dtype, Path out, WriteOptions options, Run run)
            throws InterruptedException {
        if (!dtype.isFloat()) {
            throw new IllegalArgumentException("a checkpoint can only be converted to a float type but got " + dtype);
        }
        return convert(checkpoint, Optional.of(dtype), out, options, run);
    }

    /**
     * Makes a model directory of the parts that were written of it ({@link WriteOptions.Builder#part}), in one visible step, and
     * deletes them. It has the same bytes as one that was written at once.
     *
     * @return the output, opened
     * @throws dev.stockpot.error.CheckpointException if a part is missing, cut short or of another output, or the model exists
     *     and {@code run} does not replace it; the parts stay
     * @throws InterruptedException if the thread is interrupted; the parts stay
     */
    public static Checkpoint index(Path out, Run run) throws InterruptedException {
        return JoinedParts.join(out, run);
    }

    private static Checkpoint convert(
            Checkpoint checkpoint, Optional<DType> dtype, Path out, WriteOptions options, Run run)
            throws InterruptedException {
        Checks.beforeConverting(checkpoint, dtype.isPresent(), run);
        try (Engine engine = Engine.open(run)) {
            Checkpoint.notes(List.of(checkpoint)).forEach(run.listener()::note);
            return Mixture.converted(checkpoint, dtype).write(out, options, run.overwrite(), engine);
        }
    }

    /** The kernels that this machine runs by default, and why. */
    public static KernelState kernels() {
        return new KernelState(KernelSelection.best().name(), Optional.ofNullable(NativeLibrary.unavailableReason()));
    }
}
