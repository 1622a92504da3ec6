package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.GreedyOptions;
import dev.stockpot.soup.options.Trial;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A greedy soup, not yet written, and how it was found. Immutable. */
public final class GreedyResult {
    private final String metric;
    private final boolean minimize;
    private final boolean tiesAccepted;
    private final List<Individual> individual;
    private final List<Trial> trials;
    /** Ingredient numbers, from 0. */
    private final List<Integer> chosen;

    private final Soups soups;
    private final Mixture mixture;

    GreedyResult(
            GreedyOptions options,
            String metric,
            List<Individual> individual,
            List<Trial> trials,
            List<Integer> chosen,
            Soups soups) {
        this.metric = metric;
        this.minimize = options.objective().minimize();
        this.tiesAccepted = options.acceptTies();
        this.individual = List.copyOf(individual);
        this.trials = List.copyOf(trials);
        this.chosen = List.copyOf(chosen);
        this.soups = soups;
        Map<String, String> recipe = new TreeMap<>(Map.of(
                "soup.recipe", "greedy",
                "soup.ingredients", Integer.toString(individual.size()),
                "soup.chosen", chosen.stream().map(i -> Integer.toString(i + 1)).collect(Collectors.joining(","))));
        if (tiesAccepted) {
            recipe.put("soup.ties", "accepted");
        }
        this.mixture = soups.greedy().withRecipe(recipe);
    }

    /** The soup that was found, and the uniform soup of all ingredients with its score. */
    record Soups(Mixture greedy, double uniformScore, Mixture uniform, CandidateOptions candidates) {}

    /** An ingredient and its own score. */
    public record Individual(Checkpoint ingredient, double score) {}

    /** The metric that decided. */
    public String metric() {
        return metric;
    }

    /** Whether lower is better. */
    public boolean minimize() {
        return minimize;
    }

    /** Whether an ingredient that left the score as it was stayed in the soup. */
    public boolean tiesAccepted() {
        return tiesAccepted;
    }

    /** Every ingredient's own score, in the order given. */
    public List<Individual> individual() {
        return individual;
    }

    /** Every trial in order; the first is the ingredient that the soup starts with. */
    public List<Trial> trials() {
        return trials;
    }

    /** The ingredients in the soup, in the order in which they are summed. */
    public List<Checkpoint> chosen() {
        return mixture.ingredients();
    }

    /** The ingredient with the best own score; of several, the one given first. */
    public Individual bestIndividual() {
        Individual best = individual.get(0);
        for (Individual other : individual) {
            if (better(other.score(), best.score())) {
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

    /** The addition to the soup of one that scored best, if one is all that the soup holds and another was tried. */
    public Optional<Trial> bestAddition() {
        Trial best = null;
        for (Trial trial : chosen.size() == 1 ? trials.subList(1, trials.size()) : List.<Trial>of()) {
            best = best == null || better(trial.score(), best.score()) ? trial : best;
        }
        return Optional.ofNullable(best);
    }

    private boolean better(double score, double other) {
        return minimize ? score < other : score > other;
    }

    /** Whether the uniform soup of all ingredients scores better than this soup, as it can: greedy tries only some soups. */
    public boolean isUniformBetter() {
        return better(soups.uniformScore(), score());
    }

    /** The score of the uniform soup of all ingredients, for comparison. */
    public double uniformScore() {
        return soups.uniformScore();
    }

    /** The soup, with the tensors of the {@link UniformSoup} of the chosen ingredients. */
    public Soup soup() {
        return found(mixture);
    }

    /** The uniform soup of all ingredients, which was scored for comparison. */
    public Soup uniformSoup() {
        return found(soups.uniform());
    }

    /**
     * With a recipe, if the ingredients in it fit together by themselves as they did among all: names may have been made the same
     * only because of others.
     */
    private Soup found(Mixture soup) {
        SoupRecipe recipe =
                new SoupRecipe(soups.candidates().matching(), soups.candidates().dtype(), true);
        List<Checkpoint> own = soup.ingredients().stream().map(this::asGiven).toList();
        boolean again = recipe.of(soup)
                .filter(text -> SoupRecipe.again(text, own).tensors().equals(soup.tensors()))
                .isPresent();
        return new FoundSoup(soup, again ? Optional.of(recipe) : Optional.empty());
    }

    private Checkpoint asGiven(Checkpoint aligned) {
        return individual.stream()
                .map(Individual::ingredient)
                .filter(given -> given.path().equals(aligned.path()))
                .findFirst()
                .orElse(aligned);
    }

    /**
     * The weight of each ingredient in the soup, in the order given: an equal share, or 0. A learned soup may start from
     * these; see {@link dev.stockpot.soup.options.StartingPoint#of}.
     */
    public List<Double> coefficients() {
        double share = 1.0 / chosen.size();
        return IntStream.range(0, individual.size())
                .mapToObj(i -> chosen.contains(i) ? share : 0)
                .toList();
    }
}
