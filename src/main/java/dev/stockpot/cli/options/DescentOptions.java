package dev.stockpot.cli.options;

import dev.stockpot.soup.options.Granularity;
import dev.stockpot.soup.options.LearnedOptions;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** How the coefficients of a learned soup are found. */
public final class DescentOptions {
    /** Which tensors share coefficients. */
    enum Groups {
        MODEL,
        LAYER,
        TENSOR
    }

    @Option(
            names = "--granularity",
            paramLabel = "model|layer|tensor",
            defaultValue = "model",
            description =
                    "What has mixing coefficients of its own: the whole model, each block of the network by its name,"
                            + " or each tensor (default: ${DEFAULT-VALUE}).")
    private Groups granularity;

    @Option(
            names = "--group-by",
            paramLabel = "REGEX",
            description =
                    "Coefficients for each text that REGEX finds in the tensors' names, instead of --granularity.")
    private Pattern groupBy;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            defaultValue = "0.05",
            description = "Of AdamW (default: ${DEFAULT-VALUE}).")
    private double learningRate;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "5",
            description = "How often the held-out set is gone through, --batch-size examples a step"
                    + " (default: ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of what is random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--no-shuffle", description = "Batches in the held-out set's order.")
    private boolean noShuffle;

    @Option(names = "--no-softmax", description = "Free coefficients, instead of positive ones that sum to 1.")
    private boolean noSoftmax;

    @Option(
            names = "--early-stop",
            paramLabel = "PART",
            defaultValue = "0",
            description =
                    "Hold this part of the held-out set back, such as 0.2; stop when the loss on it is not the lowest"
                            + " for --patience epochs, and take the soup that it was lowest for (default: off).")
    private double earlyStop;

    @Option(
            names = "--patience",
            paramLabel = "N",
            defaultValue = "2",
            description = "Epochs that --early-stop waits (default: ${DEFAULT-VALUE}).")
    private int patience;

    /** All of them; {@code batchSize} examples a step. */
    public LearnedOptions options(int batchSize) {
        Granularity by = switch (granularity) {
            case MODEL -> Granularity.MODEL;
            case LAYER -> Granularity.LAYER;
            case TENSOR -> Granularity.TENSOR;
        };
        return RunFailure.unless(() -> LearnedOptions.builder()
                .granularity(groupBy == null ? by : new Granularity.ByPattern(groupBy))
                .softmax(!noSoftmax)
                .learningRate(learningRate)
                .epochs(epochs)
                .batchSize(batchSize)
                .shuffle(!noShuffle)
                .seed(seed)
                .earlyStop(earlyStop, patience)
                .build());
    }
}
