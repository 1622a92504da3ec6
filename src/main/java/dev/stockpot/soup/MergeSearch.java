package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.recipe.Ranges;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.yaml.RecipeWriter;
import dev.stockpot.run.Run;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.search.CandidateFiles;
import dev.stockpot.soup.search.Identity;
import dev.stockpot.soup.search.Journal;
import dev.stockpot.soup.search.RangeSearch;
import dev.stockpot.soup.search.Scorer;
import dev.stockpot.soup.search.SoupCandidate;
import dev.stockpot.text.TextDigest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * A search for the parameters of a merge, whatever its method, by score alone: the values that the recipe gives as ranges. What
 * earlier recipes of a chain make is made once. Immutable.
 */
public final class MergeSearch {
    private final List<Recipe> recipes;
    private final Function<String, Checkpoint> models;
    private final MergeChain chain;
    private final List<Ranges.Named> ranges;
    private final Settings settings;

    /**
     * How it searches.
     *
     * @param greedy whether one parameter is changed at a time, in steps of half the range that are halved when none is better;
     *     otherwise all at once, by CMA-ES
     * @param evaluations how many merges may be scored, at least 1
     * @param seed of CMA-ES
     * @param candidates how they are handed to the evaluator
     * @param journal keeps scores, so that a search goes on where it stopped
     */
    public record Settings(
            boolean greedy, int evaluations, long seed, CandidateOptions candidates, JournalFile journal) {
        /** 100 evaluations by CMA-ES without a journal. */
        public static final Settings DEFAULTS =
                new Settings(false, 100, 0, CandidateOptions.defaults(), JournalFile.NONE);

        public Settings {
            if (evaluations < 1) {
                throw new IllegalArgumentException("evaluations should be at least 1 but got " + evaluations);
            }
            Objects.requireNonNull(candidates, "candidates");
            Objects.requireNonNull(journal, "journal");
        }
    }

    private MergeSearch(List<Recipe> recipes, Function<String, Checkpoint> models, Settings settings) {
        this.recipes = List.copyOf(recipes);
        this.models = models;
        this.settings = settings;
        this.chain = MergeChain.toSearch(recipes, models);
        this.ranges = Ranges.of(last());
        if (ranges.isEmpty()) {
            throw new SoupException(
                    Reason.RECIPE,
                    "the recipe leaves nothing to a search: no parameter is a range, as in {search: {low: 0, high: 1}}");
        }
    }

    /**
     * A search over the last recipe's ranges.
     *
     * @param models opens a model that is no recipe's result by its name; the same one each time
     * @throws SoupException if no parameter is a range, or models, tensors or parameters do not fit a method
     */
    public static MergeSearch of(List<Recipe> recipes, Function<String, Checkpoint> models) {
        return new MergeSearch(recipes, models, Settings.DEFAULTS);
    }

    /** With other settings. */
    public MergeSearch with(Settings other) {
        return new MergeSearch(recipes, models, other);
    }

    private Recipe last() {
        return recipes.get(recipes.size() - 1);
    }

    /** The models that are files already. */
    public List<Checkpoint> ingredients() {
        return chain.ingredients();
    }

    /**
     * What was found.
     *
     * @param recipes with the values that were found, to be merged
     * @param names of what was searched
     * @param values in the same order
     * @param metric that decided
     * @param start the scores of the values that the search began with
     * @param scores of the values that were found
     * @param evaluations how many merges were scored
     */
    public record Result(
            List<Recipe> recipes,
            List<String> names,
            List<Double> values,
            String metric,
            Scores start,
            Scores scores,
            int evaluations) {
        public Result {
            recipes = List.copyOf(recipes);
            names = List.copyOf(names);
            values = List.copyOf(values);
        }
    }

    /**
     * Searches. Scores that are in the journal are not measured again.
     *
     * @param beside an output, in whose folder earlier recipes' results go
     * @throws dev.stockpot.error.EvaluationException if a merge gets no score; the journal keeps the others
     * @throws InterruptedException if the thread is interrupted; the journal keeps the finished evaluations
     */
    public Result search(Evaluator evaluator, Objective objective, Path beside, Run run, SearchListener listener)
            throws InterruptedException {
        objective.check(evaluator.metrics());
        chain.planned().get(chain.planned().size() - 1).check(run);
        String ingredients = identity();
        long largest =
                chain.ingredients().stream().mapToLong(Checkpoint::bytes).max().orElse(0);
        return chain.merge(beside, 0, run, opened -> {
            try (Engine engine = Engine.open(run);
                    CandidateFiles files = new CandidateFiles(settings.candidates(), largest);
                    Journal kept = Journal.open(settings.journal(), run.listener()::note)) {
                Scorer scorer = new Scorer(evaluator, kept, listener, run.listener()::note);
                RangeSearch search = new RangeSearch(
                        ranges.stream().map(Ranges.Named::range).toList(),
                        settings.greedy(),
                        settings.evaluations(),
                        settings.seed(),
                        objective,
                        listener);
                search.run((name, values) -> {
                    Recipe recipe = Ranges.with(last(), values);
                    MergedModel merged = MergedModel.of(recipe, opened);
                    SoupCandidate candidate = new SoupCandidate(name, merged.mixture(), merged.layers(), engine, files);
                    String key = TextDigest.sha256(ingredients + RecipeWriter.text(with(recipe)));
                    return scorer.score(candidate, key, search.objective());
                });
                return result(search);
            }
        });
    }

    private List<Recipe> with(Recipe found) {
        List<Recipe> all = new ArrayList<>(recipes);
        all.set(all.size() - 1, found);
        return all;
    }

    /** Of the models' content. */
    private String identity() throws InterruptedException {
        Identity identity = new Identity();
        StringBuilder text = new StringBuilder();
        for (Checkpoint model : chain.ingredients()) {
            text.append(identity.of(Mixture.asItIs(model))).append('\n');
        }
        return text.toString();
    }

    private Result result(RangeSearch search) {
        return new Result(
                with(Ranges.with(last(), search.best())),
                ranges.stream().map(Ranges.Named::name).toList(),
                Arrays.stream(search.best()).boxed().toList(),
                search.objective().name(search.scores()),
                search.start(),
                search.scores(),
                search.done());
    }
}
