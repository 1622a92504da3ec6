package dev.stockpot.evaluate.torchscript;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.evaluate.Outputs;
import dev.stockpot.evaluate.OutputsEvaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.evaluate.heldout.HeldOutSet;
import dev.stockpot.evaluate.heldout.NameMatch;
import dev.stockpot.evaluate.heldout.OutputRows;
import dev.stockpot.evaluate.heldout.Tally;
import dev.stockpot.system.FileDigest;
import dev.stockpot.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Scores candidates with a TorchScript module in this process: the values are mixed straight into the module's parameters
 * and buffers, without a file in between, and the held-out set is read from its file batch by batch.
 *
 * <p><b>The model file must be trusted.</b> A checkpoint is only data, and reading one executes nothing; a TorchScript file
 * is a program, and scoring runs it.
 *
 * <p>The module is in evaluation mode (no dropout, batch normalisation by its running statistics) for scores and for
 * gradients. It gets the inputs as they are stored and must return logits [n, classes] of a float type, or a tuple or
 * list that starts with them. Metrics are {@code accuracy}, the main one, {@code loss}, the mean cross-entropy, and, with more
 * than five classes, {@code top5_accuracy}.
 *
 * <p>Gradients are with respect to parameters of a float type, at the value that was mixed, whatever type the module holds
 * it in; buffers count as constants, as libtorch does not differentiate by a batch normalisation's statistics.
 *
 * <p>One thread per job of the options can score at once, each with its own copy of the module; libtorch's thread count,
 * which the whole process shares, is set to each job's share of the threads.
 *
 * <p>Needs the optional dependencies {@code org.bytedeco:pytorch} and {@code org.bytedeco:openblas}. With a small Java heap,
 * start Java with {@code -Dorg.bytedeco.javacpp.maxPhysicalBytes=0}: otherwise JavaCPP limits the process to four times its
 * heap.
 */
public final class TorchScriptEvaluator implements GradientEvaluator, OutputsEvaluator {
    private final Path model;
    private final EvaluatorOptions options;
    private final int threadsOfEach;
    private final HeldOutSet data;
    private final ModulePool modules;
    private String identity;
    private Map<String, TensorSpec> matchedTensors;
    private NameMatch names;
    private final Set<String> noted = new HashSet<>();

    private TorchScriptEvaluator(Path model, EvaluatorOptions options, int threadsOfEach, HeldOutSet data) {
        this.model = model;
        this.options = options;
        this.threadsOfEach = threadsOfEach;
        this.data = data;
        this.modules = new ModulePool(model, options.jobs());
    }

    /**
     * Loads libtorch, the module and the held-out set's header.
     *
     * @param model a file that {@code torch.jit.save} wrote, trusted
     * @param options its data is required: a safetensors file with {@code inputs} [n, ...] and {@code labels} [n] I64
     * @throws EvaluationException if libtorch is missing, the file is not TorchScript, or the data does not fit
     * @throws dev.stockpot.error.CheckpointException if the data cannot be read
     */
    public static TorchScriptEvaluator open(Path model, EvaluatorOptions options) {
        if (!Files.isRegularFile(model)) {
            throw new EvaluationException(
                    Reason.NOT_FOUND,
                    model + (Files.exists(model) ? ": is not a file" : ": does not exist"),
                    Details.of().file(model));
        }
        try {
            int threads = Math.max(1, options.threads() / options.jobs());
            LibTorch.useThreads(threads);
            return new TorchScriptEvaluator(model, options, threads, open(options.data()));
        } catch (LinkageError e) {
            throw new EvaluationException(
                    Reason.NOT_INSTALLED,
                    "a torchscript evaluator needs libtorch, which is not available: " + e.getMessage(),
                    Details.of().hint(LibTorch.ARTIFACTS).cause(e));
        } catch (OutOfMemoryError e) {
            throw LibTorch.explained(e, model + " cannot be loaded");
        }
    }

    static HeldOutSet open(Optional<Path> file) {
        HeldOutSet data = HeldOutSet.open(file, "a torchscript evaluator");
        LibTorch.type(data.inputs().dtype(), file.orElseThrow() + ": 'inputs'");
        return data;
    }

    @Override
    public List<String> metrics() {
        return List.of("accuracy", "loss", "top5_accuracy");
    }

    /** The model file's and the data file's SHA-256. Not the batch size: it can only change a score's last bits. */
    @Override
    public synchronized String identity() {
        if (identity == null) {
            identity = "torchscript model " + FileDigest.sha256(model) + " data "
                    + FileDigest.sha256(options.data().orElseThrow());
        }
        return identity;
    }

    @Override
    public int examples() {
        return data.examples();
    }

    /**
     * {@inheritDoc}
     *
     * <p>The time limit is checked after every batch.
     */
    @Override
    public Scores evaluate(Candidate candidate) throws InterruptedException {
        return score(
                candidate,
                data.examples(),
                (from, to) -> IntStream.range(from, to).toArray(),
                1);
    }

    /**
     * {@inheritDoc}
     *
     * <p>{@code accuracy} and {@code top5_accuracy} ignore beta: a positive one does not change them, and with any other
     * they mean nothing.
     */
    @Override
    public Scores evaluate(Candidate candidate, Batch batch) throws InterruptedException {
        int[] examples = batch.examples();
        return score(candidate, examples.length, (from, to) -> Arrays.copyOfRange(examples, from, to), batch.beta());
    }

    @Override
    public Outputs outputs(Candidate candidate) throws InterruptedException {
        long start = System.nanoTime();
        return with(candidate, (module, match, reader) -> {
            OutputRows rows = new OutputRows(data.examples());
            int to;
            for (int from = 0; from < data.examples(); from = to) {
                to = (int) Math.min(data.examples(), (long) from + options.batchSize());
                try (Examples read =
                        Examples.read(data, reader, IntStream.range(from, to).toArray())) {
                    module.forward(read, candidate.name(), rows::add);
                }
                checkTime(start, candidate);
            }
            return rows.outputs();
        });
    }

    private Scores score(Candidate candidate, int count, Slicing slicing, double beta) throws InterruptedException {
        long start = System.nanoTime();
        return with(candidate, (module, match, reader) -> {
            Tally tally = new Tally(LoadedModule.NOUN, candidate.name(), beta);
            int to;
            for (int from = 0; from < count; from = to) {
                to = (int) Math.min(count, (long) from + options.batchSize());
                int[] examples = slicing.examples(from, to);
                try (Examples read = Examples.read(data, reader, examples)) {
                    module.forward(read, candidate.name(), logits -> tally.add(logits, examples));
                }
                checkTime(start, candidate);
            }
            return tally.scores();
        });
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

    @Override
    public Gradient gradient(Candidate candidate, Batch batch) throws InterruptedException {
        return with(candidate, (module, match, reader) -> {
            try (Examples read = Examples.read(data, reader, batch.examples())) {
                return TorchGradient.of(module, match, candidate.name(), read, batch.beta());
            }
        });
    }

    /** Runs {@code work} on a module that the candidate is mixed into. */
    private <T> T with(Candidate candidate, Work<T> work) throws InterruptedException {
        // A thread takes over libtorch's thread count once; another evaluator may have changed it since.
        LibTorch.useThreads(threadsOfEach);
        try (ModulePool.Lease lease = modules.lease();
                HeldOutSet.Reader reader = data.reader()) {
            LoadedModule module = lease.module();
            NameMatch match = match(module, candidate);
            CandidateLoader.load(candidate, module, match);
            return work.on(module, match, reader);
        } catch (OutOfMemoryError e) {
            throw LibTorch.explained(e, candidate.name() + " cannot be scored by " + model);
        }
    }

    /** The match of names, found once for candidates that hold the same tensors, as all of one recipe do. */
    private synchronized NameMatch match(LoadedModule module, Candidate candidate) {
        if (!candidate.tensors().equals(matchedTensors)) {
            NameMatch found = module.match(candidate);
            found.notes().stream()
                    .filter(note -> noted.add(note))
                    .forEach(note -> options.notes().accept(note));
            names = found;
            matchedTensors = Map.copyOf(candidate.tensors());
        }
        return names;
    }

    @Override
    public void close() {
        modules.close();
    }

    /** The indices of the examples from one position in their order to another. */
    private interface Slicing {
        int[] examples(int from, int to);
    }

    /** Work to do with a loaded module. */
    private interface Work<T> {
        T on(LoadedModule module, NameMatch match, HeldOutSet.Reader reader) throws InterruptedException;
    }
}
