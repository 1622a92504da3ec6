package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.MixListener;
import dev.stockpot.soup.descent.Coefficients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.mixture.WeightedSoup;
import dev.stockpot.soup.options.Granularity;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A learned soup that is not written yet. */
public final class LearnedResult {
    private final WeightedSoup soup;
    private final Granularity granularity;
    private final Coefficients coefficients;
    private final List<Epoch> epochs;
    private final Verdict verdict;

    public LearnedResult(
            WeightedSoup soup,
            Granularity granularity,
            Coefficients coefficients,
            List<Epoch> epochs,
            Verdict verdict) {
        this.soup = soup;
        this.granularity = granularity;
        this.coefficients = coefficients;
        this.epochs = List.copyOf(epochs);
        this.verdict = verdict;
    }

    /** What an epoch gave: its batches' losses in order, and scores of the soup behind it. */
    public record Epoch(int number, double[] stepLosses, Scores scores) {
        /** The mean of its batches' losses. */
        public double loss() {
            return Arrays.stream(stepLosses).average().orElse(Double.NaN);
        }
    }

    /**
     * How good the soup is.
     *
     * @param metric the main one
     * @param start scores of the soup that was started from
     * @param soup scores of the soup, on all of the held-out set
     * @param worse whether the soup is worse than the one started from
     */
    public record Verdict(String metric, Scores start, Scores soup, boolean worse) {}

    /** Which tensors share coefficients. */
    public Granularity granularity() {
        return granularity;
    }

    /** The names of what has coefficients of its own, in the order of {@link #alpha}'s rows. */
    public List<String> groups() {
        return soup.groups();
    }

    /** The ingredients, in the order of {@link #alpha}'s columns. */
    public List<Checkpoint> ingredients() {
        return soup.ingredients();
    }

    /** The mixing coefficients by group, then by ingredient. */
    public double[][] alpha() {
        return coefficients.alpha();
    }

    /** The temperature that multiplies the logits; no part of the soup. */
    public double beta() {
        return coefficients.beta();
    }

    /** What each epoch gave; empty where the coefficients were searched by score. */
    public List<Epoch> epochs() {
        return epochs;
    }

    /** The main metric's name. */
    public String metric() {
        return verdict.metric();
    }

    /** The soup's scores on all of the held-out set. */
    public Scores scores() {
        return verdict.soup();
    }

    /** Scores of the soup that was started from. */
    public Scores startScores() {
        return verdict.start();
    }

    /** Whether the soup is worse than the one started from: a loss that is higher, or a score that is not as good. */
    public boolean isWorse() {
        return verdict.worse();
    }

    /**
     * Writes the soup.
     *
     * @return the output, opened
     * @throws dev.stockpot.error.CheckpointException where a file cannot be read or written; nothing is left at {@code out}
     * @throws InterruptedException where the thread was interrupted; nothing is left at {@code out}
     */
    public Checkpoint write(Path out, WriteOptions options, EngineSettings settings, MixListener listener)
            throws InterruptedException {
        return mixture().write(out, options, settings, listener);
    }

    /** What the soup is made of. */
    public Mixture mixture() {
        double[][] alpha = alpha();
        Map<String, String> recipe = Map.of(
                "soup.recipe", "learned",
                "soup.ingredients", Integer.toString(soup.ingredients().size()),
                "soup.granularity", granularity.toString(),
                "soup.alpha", Arrays.deepToString(alpha),
                "soup.beta", Double.toString(beta()));
        return soup.mixture(alpha, recipe);
    }
}
