package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.descent.Learned;
import dev.stockpot.soup.descent.WeightedSoup;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.Epoch;
import dev.stockpot.soup.options.Granularity;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A learned soup, not yet written, and how its coefficients were found. Immutable. */
public final class LearnedResult {
    private final WeightedSoup weighted;
    private final Granularity granularity;
    private final Learned learned;
    private final CandidateOptions candidates;

    LearnedResult(WeightedSoup weighted, Granularity granularity, Learned learned, CandidateOptions candidates) {
        this.candidates = candidates;
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
        return new FoundSoup(
                weighted.mixture(alpha, recipe),
                Optional.of(new SoupRecipe(candidates.matching(), candidates.dtype(), false)));
    }

    /** Which tensors share coefficients. */
    public Granularity granularity() {
        return granularity;
    }

    /** The names of the groups of tensors that share coefficients, in the order of {@link #alpha}'s rows. */
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

    /** The temperature that multiplies the logits; not part of the soup. */
    public double beta() {
        return learned.coefficients().beta();
    }

    /** The result of each epoch; empty if the coefficients were searched by score. */
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

    /** The scores of the starting soup. */
    public Scores startScores() {
        return learned.start();
    }

    /** Whether the soup is worse than the starting soup: its loss is higher, or its score not as good. */
    public boolean isWorse() {
        return learned.worse();
    }
}
