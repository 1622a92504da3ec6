package dev.stockpot.soup.search;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.soup.adapter.AdapterMean;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.mixture.Weights;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.system.Jobs;
import dev.stockpot.tensor.DType;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The uniform soups of some of the ingredients, and their scores. Thread-safe. */
public final class Subsets implements AutoCloseable {
    /** Under the names that all of them have in the soup. */
    private final List<Checkpoint> ingredients;

    private final List<String> excluded;

    private final CandidateOptions options;
    private final Objective objective;
    private final Scorer scorer;
    private final Engine engine;
    private final CandidateFiles files;
    /** With its metric and its direction, once anything is scored. */
    private Objective settled;

    /**
     * @param excluded the tensors that were left out of the ingredients
     * @param jobs how many evaluations run concurrently
     */
    public Subsets(
            List<Checkpoint> ingredients,
            List<String> excluded,
            CandidateOptions options,
            Objective objective,
            int jobs,
            Scorer scorer,
            Engine engine) {
        this.ingredients = ingredients;
        this.excluded = excluded;
        this.options = options;
        this.objective = objective;
        this.scorer = scorer;
        this.engine = engine;
        // An average of adapters is as large as all of them.
        boolean adds = !ingredients.isEmpty() && AdapterMean.isAdapter(ingredients.get(0));
        long largest = adds
                ? ingredients.stream().mapToLong(Checkpoint::bytes).sum()
                : ingredients.stream().mapToLong(Checkpoint::bytes).max().orElse(0);
        this.files = new CandidateFiles(options, Math.multiplyExact(largest, jobs));
    }

    /** The objective's value for the average of {@code members}, summed in their order. */
    public double score(List<Integer> members) throws InterruptedException {
        return value(name(members), scored(members, options.dtype()));
    }

    /**
     * The objective's value for every single ingredient as it is, whatever type the soup is to have; {@code jobs} of them are
     * scored at a time.
     */
    public double[] scoreEach(int jobs, SearchListener listener) throws InterruptedException {
        double[] scores = new double[ingredients.size()];
        Jobs.run(jobs, ingredients.size(), i -> {
            Scorer.Scored found = scored(List.of(i), Optional.empty());
            scores[i] = value(name(List.of(i)), found);
            synchronized (scorer) {
                listener.scored(ingredients.get(i), found.scores(), found.kept());
            }
        });
        return scores;
    }

    /** The objective with its metric and its direction; known once anything is scored. */
    public synchronized Objective objective() {
        return Objects.requireNonNull(settled, "nothing is scored yet");
    }

    /** The mixture that is the average of {@code members}. */
    public Mixture mixture(List<Integer> members) {
        return mixture(members, options.dtype());
    }

    private Mixture mixture(List<Integer> members, Optional<DType> dtype) {
        List<Checkpoint> chosen = members.stream().map(ingredients::get).toList();
        return Mixture.averaged(Ingredients.matchAligned(chosen, options.matching(), excluded), Weights.EQUAL, dtype);
    }

    private Scorer.Scored scored(List<Integer> members, Optional<DType> dtype) throws InterruptedException {
        return scorer.score(candidate(members, dtype), deciding());
    }

    private SoupCandidate candidate(List<Integer> members, Optional<DType> dtype) {
        return new SoupCandidate(name(members), mixture(members, dtype), engine, files);
    }

    /** Measures the average of {@code members}, which {@link #keep} makes part of the search. */
    Scorer.Measured measure(List<Integer> members) throws InterruptedException {
        return scorer.measure(candidate(members, options.dtype()), deciding());
    }

    /** Keeps what was measured; returns the objective's value. */
    double keep(Scorer.Measured measured) {
        return value(measured.name(), scorer.keep(measured, deciding()));
    }

    private synchronized double value(String name, Scorer.Scored found) {
        if (settled == null) {
            settled = objective.settled(found.scores(), name);
        }
        return deciding().of(found.scores(), name);
    }

    /** Where no metric is named, the main one of the first scores, so that all are compared by the same. */
    private synchronized Objective deciding() {
        return settled == null || objective.metric().isPresent() ? objective : settled;
    }

    private String name(List<Integer> members) {
        Checkpoint last = ingredients.get(members.get(members.size() - 1));
        return members.size() == 1
                ? last.path().toString()
                : "the soup of " + members.size() + " ingredients that ends with " + last.path();
    }

    @Override
    public void close() {
        files.close();
    }
}
