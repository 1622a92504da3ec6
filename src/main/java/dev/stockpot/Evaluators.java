package dev.stockpot;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.evaluate.StatisticsEstimator;
import dev.stockpot.evaluate.command.CommandEvaluator;
import dev.stockpot.evaluate.torchscript.RunningStatistics;
import dev.stockpot.evaluate.torchscript.TorchScriptEvaluator;
import dev.stockpot.evaluate.worker.WorkerEvaluator;
import java.nio.file.Path;
import java.util.List;

/** The evaluators that Stockpot brings along, and any function as one. Whoever starts one closes it. */
public final class Evaluators {
    private Evaluators() {}

    /** What turns a candidate into scores. Called by as many threads at once as a recipe has jobs. */
    @FunctionalInterface
    public interface Scoring {
        /** The candidate's scores. */
        Scores of(Candidate candidate) throws InterruptedException;
    }

    /**
     * A function of the program.
     *
     * @param identity what the scores depend on besides the candidate; scores kept under another identity are not used
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
                // The function belongs to the program.
            }
        };
    }

    /**
     * A command that is run for each candidate. The last line that it prints to stdout is a number, or a JSON object of
     * metrics.
     *
     * @param words a program and its arguments, one of which holds {@code {checkpoint}} for the candidate's path
     * @throws EvaluationException where none does
     */
    public static Evaluator command(List<String> words, EvaluatorOptions options) {
        return new CommandEvaluator(words, options);
    }

    /**
     * A process that stays for the whole run and speaks the worker protocol (docs/evaluators.md).
     *
     * @param words a program and its arguments
     * @throws EvaluationException where it does not start, or does not answer as a worker does
     * @throws InterruptedException where the thread was interrupted; nothing is left running
     */
    public static GradientEvaluator worker(List<String> words, EvaluatorOptions options) throws InterruptedException {
        return WorkerEvaluator.open(words, options);
    }

    /**
     * A TorchScript module in this process, by libtorch, on the data that {@code options} name.
     *
     * @param model the module; it is run, so it should be trusted
     * @throws EvaluationException where libtorch is missing, or the module or the data cannot be used
     */
    public static GradientEvaluator torchScript(Path model, EvaluatorOptions options) {
        return TorchScriptEvaluator.open(model, options);
    }

    /**
     * Estimates a soup's batch normalisation anew by a scripted TorchScript module; see {@link
     * dev.stockpot.soup.Soup#recalibrated}.
     *
     * @param options their data are training examples
     */
    public static StatisticsEstimator torchScriptStatistics(Path model, EvaluatorOptions options) {
        return RunningStatistics.estimator(model, options);
    }

    /**
     * The evaluator that {@code spec} names, as the command line does.
     *
     * @param spec {@code cmd:COMMAND LINE with {checkpoint}}, {@code worker:COMMAND LINE} or {@code torchscript:MODEL}
     * @throws EvaluationException where there is no such kind, or it cannot be started
     * @throws InterruptedException where the thread was interrupted; nothing is left running
     */
    public static Evaluator open(String spec, EvaluatorOptions options) throws InterruptedException {
        int colon = spec.indexOf(':');
        String kind = colon < 0 ? "" : spec.substring(0, colon);
        String rest = spec.substring(colon + 1);
        return switch (kind) {
            case "cmd" -> new CommandEvaluator(rest, options);
            case "worker" -> WorkerEvaluator.open(rest, options);
            case "torchscript" -> TorchScriptEvaluator.open(Path.of(rest), options);
            default ->
                throw new EvaluationException(
                        Reason.UNKNOWN_EVALUATOR,
                        "'" + spec + "' names no evaluator",
                        Details.of()
                                .hint("cmd:COMMAND LINE with {checkpoint}, worker:COMMAND LINE or torchscript:MODEL"));
        };
    }
}
