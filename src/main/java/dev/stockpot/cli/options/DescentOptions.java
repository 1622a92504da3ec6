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
                    "What gets mixing coefficients of its own: the whole model, each block of the network by its name,"
                            + " or each tensor (default: ${DEFAULT-VALUE}).")
    private Groups granularity;

    @Option(
            names = "--group-by",
            paramLabel = "REGEX",
            description =
                    "One set of coefficients per text that REGEX finds in the tensors' names, instead of --granularity.")
    private Pattern groupBy;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            defaultValue = "0.05",
            description = "Learning rate of AdamW (default: ${DEFAULT-VALUE}).")
    private double learningRate;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many times to go through the held-out set, with --batch-size examples per step"
                    + " (default: ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Random seed (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--no-shuffle", description = "Take batches in the held-out set's order.")
    private boolean noShuffle;

    @Option(names = "--no-softmax", description = "Allow any coefficients, instead of positive ones that sum to 1.")
    private boolean noSoftmax;

    @Option(
            names = "--early-stop",
            paramLabel = "PART",
            defaultValue = "0",
            description =
                    "Hold back this fraction of the held-out set, such as 0.2; stop when the loss on it has reached no new"
                            + " low for --patience epochs, and take the soup with the lowest loss on it (default: off).")
    private double earlyStop;

    @Option(
            names = "--patience",
            paramLabel = "N",
            defaultValue = "2",
            description = "Epochs that --early-stop waits for a new low (default: ${DEFAULT-VALUE}).")
    private int patience;

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
