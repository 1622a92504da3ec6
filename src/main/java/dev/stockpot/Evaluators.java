package dev.stockpot;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.evaluate.OutputsEvaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.evaluate.StatisticsEstimator;
import dev.stockpot.evaluate.command.CommandEvaluator;
import dev.stockpot.evaluate.onnx.OnnxEvaluator;
import dev.stockpot.evaluate.torchscript.RunningStatistics;
import dev.stockpot.evaluate.torchscript.TorchScriptEvaluator;
import dev.stockpot.evaluate.worker.WorkerEvaluator;
import java.nio.file.Path;
import java.util.List;

/** Opens the evaluators that come with Stockpot, or wraps a function as one. The caller closes them. */
public final class Evaluators {
    private Evaluators() {}

    /** Turns a candidate into scores. Called concurrently by up to as many threads as the recipe has jobs. */
    @FunctionalInterface
    public interface Scoring {
        /** The candidate's scores. */
        Scores of(Candidate candidate) throws InterruptedException;
    }

    /**
     * Wraps a function as an evaluator.
     *
     * @param identity what the scores depend on besides the candidate; scores kept under another identity are not reused
     */
    public static Evaluator of(String identity, Scoring scoring) {
        return new Evaluator() {
            @Override
            public String identity() {
                return identity;
            }

            @Override
            public Scores evaluate(Candidate candidate) throws InterruptedException {
                return scoring.of(candidate);
            }

            @Override
            public void close() {
                // The function belongs to the caller.
            }
        };
    }

    /**
     * Runs a command for each candidate. The last score that it prints to stdout counts: a number, {@code name: number}, or an
     * object of metrics (docs/evaluators.md).
     *
     * @param words a program and its arguments, one of which contains {@code {checkpoint}} for the candidate's path; if one
     *     contains {@code {scores}}, the score is read from the file whose path takes its place
     * @throws EvaluationException if none contains it
     */
    public static Evaluator command(List<String> words, EvaluatorOptions options) {
        return new CommandEvaluator(words, options);
    }

    /**
     * Starts a process that stays for the whole run and speaks the worker protocol (docs/worker-protocol.md).
     *
     * @param words a program and its arguments
     * @throws EvaluationException if it does not start, or does not answer like a worker
     * @throws InterruptedException if the thread is interrupted; nothing is left running
     */
    public static GradientEvaluator worker(List<String> words, EvaluatorOptions options) throws InterruptedException {
        return WorkerEvaluator.open(words, options);
    }

    /**
     * Runs a TorchScript module in this process, with libtorch, on the data that {@code options} name.
     *
     * @param model the module; its code is run, so it should be trusted
     * @throws EvaluationException if libtorch is missing, or the module or the data cannot be used
     */
    public static GradientEvaluator torchScript(Path model, EvaluatorOptions options) {
        return TorchScriptEvaluator.open(model, options);
    }

    /**
     * Runs an ONNX model in this process, with ONNX Runtime, on the data that {@code options} name. It has no gradients.
     *
     * @throws EvaluationException if ONNX Runtime is missing, or the data cannot be used
     * @throws dev.stockpot.error.CheckpointException if the model cannot be read
     */
    public static OutputsEvaluator onnx(Path model, EvaluatorOptions options) {
        return OnnxEvaluator.open(model, options);
    }

    /**
     * Re-estimates a soup's batch normalisation statistics with a scripted TorchScript module; see {@link
     * dev.stockpot.soup.Soup#recalibrated}.
     *
     * @param options whose data are training examples
     */
    public static StatisticsEstimator torchScriptStatistics(Path model, EvaluatorOptions options) {
        return RunningStatistics.estimator(model, options);
    }

    /**
     * Opens the evaluator that {@code spec} names in the syntax of the command line.
     *
     * @param spec {@code cmd:COMMAND LINE with {checkpoint}}, {@code worker:COMMAND LINE}, {@code torchscript:MODEL} or {@code
     *     onnx:MODEL}
     * @throws EvaluationException if there is no such kind, or it cannot be started
     * @throws InterruptedException if the thread is interrupted; nothing is left running
     */
    public static Evaluator open(String spec, EvaluatorOptions options) throws InterruptedException {
        int colon = spec.indexOf(':');
        String kind = colon < 0 ? "" : spec.substring(0, colon);
        String rest = spec.substring(colon + 1);
        return switch (kind) {
            case "cmd" -> new CommandEvaluator(rest, options);
            case "worker" -> WorkerEvaluator.open(rest, options);
            case "torchscript" -> TorchScriptEvaluator.open(Path.of(rest), options);
            case "onnx" -> OnnxEvaluator.open(Path.of(rest), options);
            default ->
                throw new EvaluationException(
                        Reason.UNKNOWN_EVALUATOR,
                        "'" + spec + "' names no evaluator",
                        Details.of()
                                .hint(
                                        "cmd:COMMAND LINE with {checkpoint}, worker:COMMAND LINE, torchscript:MODEL or onnx:MODEL"));
        };
    }
}
