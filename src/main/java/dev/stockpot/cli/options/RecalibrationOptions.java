package dev.stockpot.cli.options;

import dev.stockpot.Evaluators;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.StatisticsEstimator;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options for a soup's batch normalisation statistics, shared by the recipes. */
public final class RecalibrationOptions {
    private static final String TORCHSCRIPT = "torchscript:";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--recalibrate-batchnorm",
            paramLabel = "FILE",
            description =
                    "Re-estimate BatchNorm statistics on this training data (safetensors with inputs and labels), as"
                            + " averaged statistics do not fit averaged weights. Needs --evaluator torchscript:MODEL.")
    private Path data;

    /** Checks that the evaluator can estimate, before anything is opened. */
    public void check(Optional<String> evaluator) {
        if (data != null && (evaluator.isEmpty() || !evaluator.get().startsWith(TORCHSCRIPT))) {
            throw new ParameterException(
                    spec.commandLine(), "--recalibrate-batchnorm needs --evaluator " + TORCHSCRIPT + "MODEL");
        }
    }

    /**
     * The estimator, if one is asked for.
     *
     * @param evaluator the evaluator's specification, if there is one
     */
    public Optional<StatisticsEstimator> of(Optional<String> evaluator, int batchSize, int threads) {
        if (data == null) {
            return Optional.empty();
        }
        check(evaluator);
        String network = evaluator.orElseThrow();
        EvaluatorOptions options = EvaluatorOptions.builder()
                .data(data)
                .batchSize(batchSize)
                .threads(threads)
                .build();
        return Optional.of(Evaluators.torchScriptStatistics(Path.of(network.substring(TORCHSCRIPT.length())), options));
    }
}
