package dev.stockpot.cli.options;

import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.soup.mixture.Recalibration;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Batch normalisation's statistics in a soup: what the recipes share. */
public final class RecalibrationOptions {
    private static final String TORCHSCRIPT = "torchscript:";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--recalibrate-batchnorm",
            paramLabel = "FILE",
            description =
                    "Estimate batch normalisation's running statistics anew, as the average of the ingredients' is"
                            + " not that of the soup, on this training data (safetensors with inputs and labels), by --evaluator"
                            + " torchscript:MODEL.")
    private Path data;

    /**
     * What is to be done, if anything is.
     *
     * @param evaluator the evaluator's specification, or null
     */
    public Optional<Recalibration> of(String evaluator, int batchSize, int threads) {
        if (data == null) {
            return Optional.empty();
        }
        if (evaluator == null || !evaluator.startsWith(TORCHSCRIPT)) {
            throw new ParameterException(
                    spec.commandLine(), "--recalibrate-batchnorm needs --evaluator " + TORCHSCRIPT + "MODEL");
        }
        Path network = Path.of(evaluator.substring(TORCHSCRIPT.length()));
        EvaluatorOptions options = new EvaluatorOptions(data, batchSize, null, 1, threads, line -> {}, note -> {});
        return Optional.of(new Recalibration(network, options));
    }
}
