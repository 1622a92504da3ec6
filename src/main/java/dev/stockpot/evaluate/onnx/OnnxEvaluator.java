package dev.stockpot.evaluate.onnx;

import dev.stockpot.checkpoint.onnx.OnnxShell;
import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.Outputs;
import dev.stockpot.evaluate.OutputsEvaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.evaluate.heldout.HeldOutSet;
import dev.stockpot.evaluate.heldout.LogitRows;
import dev.stockpot.evaluate.heldout.OutputRows;
import dev.stockpot.evaluate.heldout.Tally;
import dev.stockpot.system.FileDigest;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;

/**
 * Scores candidates with an ONNX model in this process: ONNX Runtime gets the model's graph and the candidate's values from
 * memory, without a file in between, and the held-out set is read from its file batch by batch. A session is made for each
 * candidate, as the runtime prepares weights for its kernels when it makes one.
 *
 * <p>The model gets the inputs as they are stored and must return logits [n, classes] of a float type. Metrics are {@code
 * accuracy}, the main one, {@code loss}, the mean cross-entropy, and, with more than five classes, {@code top5_accuracy}.
 * There are no gradients.
 *
 * <p>One thread per job of the options can score at once, each with a session of its own and its share of the threads.
 *
 * <p>Needs the optional dependency {@code com.microsoft.onnxruntime:onnxruntime}.
 */
public final class OnnxEvaluator implements OutputsEvaluator {
    private final Path model;
    private final EvaluatorOptions options;
    private final HeldOutSet data;
    private final OnnxShell shell;
    private final Semaphore places;
    private final Set<String> noted = new HashSet<>();
    private String identity;
    private Map<String, TensorSpec> plannedTensors;
    private WeightPlan planned;

    private OnnxEvaluator(Path model, EvaluatorOptions options, HeldOutSet data, OnnxShell shell) {
        this.model = model;
        this.options = options;
        this.data = data;
        this.shell = shell;
        this.places = new Semaphore(options.jobs());
    }

    /**
     * Loads ONNX Runtime, and looks at the model and the held-out set's header.
     *
     * @param model an ONNX model, perhaps with data files beside it
     * @param options its data is required: a safetensors file with {@code inputs} [n, ...] and {@code labels} [n] I64, and
     *     other inputs under their names
     * @throws EvaluationException if ONNX Runtime is missing, or the data does not fit
     * @throws dev.stockpot.error.CheckpointException if the model or the data cannot be read
     */
    public static OnnxEvaluator open(Path model, EvaluatorOptions options) {
        if (!Files.isRegularFile(model)) {
            throw new EvaluationException(
                    Reason.NOT_FOUND,
                    model + (Files.exists(model) ? ": is not a file" : ": does not exist"),
                    Details.of().file(model));
        }
        try {
            OnnxRuntime.load();
        } catch (LinkageError e) {
            throw new EvaluationException(
                    Reason.NOT_INSTALLED,
                    "an onnx evaluator needs ONNX Runtime, which is not available: " + e.getMessage(),
                    Details.of().hint(OnnxRuntime.ARTIFACT).cause(e));
        }
        HeldOutSet data = HeldOutSet.open(options.data(), "an onnx evaluator");
        return new OnnxEvaluator(model, options, data, OnnxShell.of(model));
    }

    @Override
    public List<String> metrics() {
        return List.of("accuracy", "loss", "top5_accuracy");
    }

    /**
     * The SHA-256 of the model's files and of the data file, and the names of input and output if they were given. Not the
     * batch size: it can only change a score's last bits.
     */
    @Override
    public synchronized String identity() {
        if (identity == null) {
            Set<Path> files = new TreeSet<>(Set.of(model));
            for (TensorInfo tensor : shell.tensors().values()) {
                tensor.source().file().filter(Files::exists).ifPresent(files::add);
            }
            StringBuilder text = new StringBuilder("onnx model");
            files.forEach(file -> text.append(' ').append(FileDigest.sha256(file)));
            text.append(" data ").append(FileDigest.sha256(options.data().orElseThrow()));
            options.inputName().ifPresent(name -> text.append(" input ").append(name));
            options.outputName().ifPresent(name -> text.append(" output ").append(name));
            identity = text.toString();
        }
        return identity;
    }

    /**
     * {@inheritDoc}
     *
     * <p>The time limit is checked after every batch.
     */
    @Override
    public Scores evaluate(Candidate candidate) throws InterruptedException {
        Tally tally = new Tally(WeightPlan.NOUN, candidate.name(), 1);
        forEachBatch(candidate, tally::add);
        return tally.scores();
    }

    @Override
    public Outputs outputs(Candidate candidate) throws InterruptedException {
        OutputRows rows = new OutputRows(data.examples());
        forEachBatch(candidate, (logits, examples) -> rows.add(logits));
        return rows.outputs();
    }

    /** Takes the logits of examples. */
    private interface Taker {
        void take(LogitRows logits, int[] examples);
    }

    private void forEachBatch(Candidate candidate, Taker taker) throws InterruptedException {
        long start = System.nanoTime();
        places.acquire();
        try (HeldOutSet.Reader reader = data.reader();
                Session session = Session.of(model, options, data, plan(candidate), candidate)) {
            session.notes().forEach(this::note);
            int to;
            for (int from = 0; from < data.examples(); from = to) {
                to = (int) Math.min(data.examples(), (long) from + session.batch());
                int[] examples = IntStream.range(from, to).toArray();
                taker.take(session.logits(reader, examples), examples);
                checkTime(start, candidate);
            }
        } catch (OutOfMemoryError e) {
            throw new EvaluationException(
                    Reason.NO_MEMORY,
                    candidate.name() + " cannot be scored by " + model + ": " + e.getMessage(),
                    Details.of().file(model).cause(e));
        } finally {
            places.release();
        }
    }

    private void checkTime(long start, Candidate candidate) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Optional<Duration> limit = options.timeout();
        if (limit.isPresent() && System.nanoTime() - start > limit.get().toNanos()) {
            throw new EvaluationException(
                    Reason.TIMED_OUT,
                    candidate.name() + " took longer than the limit of "
                            + limit.get().toMillis() / 1e3 + " s to be scored by " + model,
                    Details.of().file(model));
        }
    }

    /** How candidates become weights, found once for those that hold the same tensors, as all of one recipe do. */
    private synchronized WeightPlan plan(Candidate candidate) {
        if (!candidate.tensors().equals(plannedTensors)) {
            planned = WeightPlan.of(shell, candidate);
            planned.notes().forEach(this::note);
            plannedTensors = Map.copyOf(candidate.tensors());
        }
        return planned;
    }

    private synchronized void note(String note) {
        if (noted.add(note)) {
            options.notes().accept(note);
        }
    }

    @Override
    public void close() {
        // A session lives as long as its candidate is scored.
    }
}
