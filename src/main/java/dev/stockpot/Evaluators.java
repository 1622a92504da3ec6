package dev.stockpot;

import dev.stockpot.error.EvaluationException;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.command.CommandEvaluator;
import dev.stockpot.evaluate.torchscript.TorchScriptEvaluator;
import dev.stockpot.evaluate.worker.WorkerEvaluator;
import java.nio.file.Path;

/** Starts evaluators by their specification, as the command line names them. */
public final class Evaluators {
    private Evaluators() {}

    /**
     * The evaluator that {@code spec} names.
     *
     * @param spec {@code cmd:COMMAND LINE with {checkpoint}}, {@code worker:COMMAND LINE} or {@code torchscript:MODEL}
     * @throws EvaluationException where there is no such kind, or it cannot be started
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
                        "'" + spec + "' names no evaluator",
                        "cmd:COMMAND LINE with {checkpoint}, worker:COMMAND LINE or torchscript:MODEL",
                        null);
        };
    }
}
