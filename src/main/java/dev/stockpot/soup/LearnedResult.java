package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.descent.Learned;
import dev.stockpot.soup.descent.WeightedSoup;
import dev.stockpot.soup.options.Epoch;
import dev.stockpot.soup.options.Granularity;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A learned soup that is not written yet, and how its coefficients were found. Immutable. */
public final class LearnedResult {
    private final WeightedSoup weighted;
    private final Granularity granularity;
    private final Learned learned;

    LearnedResult(WeightedSoup weighted, Granularity granularity, Learned learned) {
        this.weighted = weighted;
        this.granularity = granularity;
        this.learned = learned;
    }

    /** The soup. */
    public Soup soup() {
        double[][] alpha = learned.coefficients().alpha();
        Map<String, String> recipe = Map.of(
                "soup.recipe", "learned",
                "soup.ingredients", Integer.toString(ingredients().size()),
                "soup.granularity", granularity.toString(),
                "soup.alpha", Arrays.deepToString(alpha),
                "soup.beta", Double.toString(beta()));
        return new FoundSoup(weighted.mixture(alpha, recipe));
    }

    /** Which tensors share coefficients. */
    public Granularity granularity() {
        return granularity;
    }

    /** The names of what has coefficients of its own, in the order of {@link #alpha}'s rows. */
    public List<String> groups() {
        return weighted.groups();
    }

    /** The ingredients, in the order of {@link #alpha}'s columns. */
    public List<Checkpoint> ingredients() {
        return weighted.ingredients();
    }

    /** The mixing coefficients by group, then by ingredient. */
    public List<List<Double>> alpha() {
        return Stream.of(learned.coefficients().alpha())
                .map(row -> Arrays.stream(row).boxed().toList())
                .toList();
    }

    /** The temperature that multiplies the logits; no part of the soup. */
    public double beta() {
        return learned.coefficients().beta();
    }

    /** What each epoch gave; empty where the coefficients were searched by score. */
    public List<Epoch> epochs() {
        return learned.epochs();
    }

    /** The main metric's name. */
    public String metric() {
        return learned.metric();
    }

    /** The soup's scores on all of the held-out set. */
    public Scores scores() {
        return learned.scores();
    }

    /** Scores of the soup that was started from. */
    public Scores startScores() {
        return learned.start();
    }

    /** Whether the soup is worse than the one started from: a loss that is higher, or a score that is not as good. */
    public boolean isWorse() {
        return learned.worse();
    }
}
