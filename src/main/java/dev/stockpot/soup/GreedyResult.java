package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.run.MixListener;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.options.Objective;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A greedy soup that was searched and is not written yet. */
public final class GreedyResult {
    private final String metric;
    private final boolean minimize;
    private final List<Individual> individual;
    private final List<Trial> trials;
    private final List<Checkpoint> chosen;
    private final double uniformScore;
    private final Mixture mixture;

    GreedyResult(
            Objective objective,
            String metric,
            List<Individual> individual,
            List<Trial> trials,
            List<Integer> chosen,
            double uniformScore,
            Mixture mixture) {
        this.metric = metric;
        this.minimize = objective.minimize();
        this.individual = List.copyOf(individual);
        this.trials = List.copyOf(trials);
        this.chosen = mixture.ingredients();
        this.uniformScore = uniformScore;
        this.mixture = mixture.withRecipe(Map.of(
                "soup.recipe", "greedy",
                "soup.ingredients", Integer.toString(individual.size()),
                "soup.chosen", chosen.stream().map(i -> Integer.toString(i + 1)).collect(Collectors.joining(","))));
    }

    /** An ingredient's own score. */
    public record Individual(Checkpoint ingredient, double score) {}

    /**
     * One soup that was tried: the one before, with {@code ingredient}.
     *
     * @param score of the soup with it
     * @param accepted whether it was kept
     */
    public record Trial(Checkpoint ingredient, double score, boolean accepted) {}

    /** The metric that decided. */
    public String metric() {
        return metric;
    }

    /** Whether less of it is better. */
    public boolean minimize() {
        return minimize;
    }

    /** Every ingredient's own score, in the order given. */
    public List<Individual> individual() {
        return individual;
    }

    /** Every trial in order; the first is the one that the soup began with. */
    public List<Trial> trials() {
        return trials;
    }

    /** What is in the soup, in the order in which it is summed. */
    public List<Checkpoint> chosen() {
        return chosen;
    }

    /** The best ingredient by its own score; of several the one given first. */
    public Individual bestIndividual() {
        Individual best = individual.get(0);
        for (Individual other : individual) {
            if (minimize ? other.score() < best.score() : other.score() > best.score()) {
                best = other;
            }
        }
        return best;
    }

    /** The soup's score. */
    public double score() {
        double score = Double.NaN;
        for (Trial trial : trials) {
            score = trial.accepted() ? trial.score() : score;
        }
        return score;
    }

    /** The score of the uniform soup of all ingredients, for comparison. */
    public double uniformScore() {
        return uniformScore;
    }

    /** What the soup is made of. */
    public Mixture mixture() {
        return mixture;
    }

    /**
     * Writes the soup: the tensors of {@link UniformSoup} of the chosen ones.
     *
     * @return the output, opened
     * @throws dev.stockpot.error.CheckpointException where a file cannot be read or written; nothing is left at {@code out}
     * @throws InterruptedException where the thread was interrupted; nothing is left at {@code out}
     */
    public Checkpoint write(Path out, WriteOptions options, EngineSettings settings, MixListener listener)
            throws InterruptedException {
        return mixture.write(out, options, settings, listener);
    }
}
