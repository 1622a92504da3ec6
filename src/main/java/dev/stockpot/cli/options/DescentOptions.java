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
            description = "What shares mixing coefficients: the whole model, each layer (by its name), or each tensor"
                    + " (default: ${DEFAULT-VALUE}).")
    private Groups granularity;

    @Option(
            names = "--group-by",
            paramLabel = "REGEX",
            converter = MatchingOptions.Regex.class,
            description = "One set of coefficients for each text that REGEX finds in tensor names, instead of"
                    + " --granularity.")
    private Pattern groupBy;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            defaultValue = "0.05",
            description = "AdamW learning rate (default: ${DEFAULT-VALUE}).")
    private double learningRate;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "5",
            description =
                    "Passes over the held-out set, with --batch-size examples per step (default: ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Random seed (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--no-shuffle", description = "Take batches in the order of the held-out set.")
    private boolean noShuffle;

    @Option(names = "--no-softmax", description = "Allow any coefficients instead of positive ones that sum to 1.")
    private boolean noSoftmax;

    @Option(
            names = "--early-stop",
            paramLabel = "FRACTION",
            defaultValue = "0",
            description =
                    "Hold back this fraction of the held-out set, such as 0.2; stop after --patience epochs without"
                            + " a lower loss on it, and keep the soup with the lowest (default: off).")
    private double earlyStop;

    @Option(
            names = "--patience",
            paramLabel = "N",
            defaultValue = "2",
            description = "Epochs that --early-stop waits for a lower loss (default: ${DEFAULT-VALUE}).")
    private int patience;

    /** How many epochs there are, at most. */
    public int epochs() {
        return epochs;
    }

    /** All of them, with {@code batchSize} examples per step. */
    public LearnedOptions options(int batchSize) {
        Granularity by = switch (granularity) {
            case MODEL -> Granularity.MODEL;
            case LAYER -> Granularity.LAYER;
            case TENSOR -> Granularity.TENSOR;
        };
        LearnedOptions.Builder options = LearnedOptions.builder()
                .granularity(groupBy == null ? by : new Granularity.ByPattern(groupBy))
                .softmax(!noSoftmax)
                .shuffle(!noShuffle)
                .seed(seed);
        RunFailure.check("--learning-rate", () -> options.learningRate(learningRate));
        RunFailure.check("--epochs", () -> options.epochs(epochs));
        RunFailure.check("--batch-size", () -> options.batchSize(batchSize));
        RunFailure.check("--patience", () -> options.earlyStop(0, patience));
        RunFailure.check("--early-stop", () -> options.earlyStop(earlyStop, patience));
        return options.build();
    }
}
