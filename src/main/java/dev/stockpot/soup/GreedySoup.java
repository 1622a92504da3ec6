package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.pass.FinitePass;
import dev.stockpot.engine.write.SourceNames;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.MetricDirection;
import dev.stockpot.run.Run;
import dev.stockpot.soup.checks.Checks;
import dev.stockpot.soup.mixture.IngredientNotes;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.GreedyOptions;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.options.Trial;
import dev.stockpot.soup.search.BackendChoice;
import dev.stockpot.soup.search.Journal;
import dev.stockpot.soup.search.Scorer;
import dev.stockpot.soup.search.Subsets;
import dev.stockpot.soup.search.Trials;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The greedy soup, Recipe 1 of Wortsman et al., ICML 2022, section 2: the ingredients are sorted by their score on the
 * held-out set and offered once each; one is kept if the soup with it scores better. As the soup starts with the best
 * ingredient, it is no worse than that on the held-out set. The recipe in the paper also keeps an ingredient that leaves the
 * score unchanged, and so does {@link GreedyOptions#acceptTies}; by default the score must be strictly better: of two soups
 * with the same score, the one with fewer ingredients is kept.
 *
 * <p>With several {@link GreedyOptions#jobs}, the next trials are scored side by side as if none of them were kept, and used up
 * to the first that is: trials, soup and journal are the same.
 *
 * <p>Immutable: each {@code with...} returns a new one.
 */
public final class GreedySoup {
    private final List<Checkpoint> ingredients;
    private final GreedyOptions options;
    private final CandidateOptions candidates;
    private final JournalFile journal;

    private GreedySoup(
            List<Checkpoint> ingredients, GreedyOptions options, CandidateOptions candidates, JournalFile journal) {
        this.ingredients = List.copyOf(ingredients);
        this.options = Objects.requireNonNull(options, "options");
        this.candidates = Objects.requireNonNull(candidates, "candidates");
        this.journal = Objects.requireNonNull(journal, "journal");
    }

    /** A greedy soup of these ingredients, with {@link GreedyOptions#defaults}, without a journal. */
    public static GreedySoup of(List<Checkpoint> ingredients) {
        return new GreedySoup(ingredients, GreedyOptions.defaults(), CandidateOptions.defaults(), JournalFile.NONE);
    }

    /** With other options. */
    public GreedySoup withOptions(GreedyOptions other) {
        return new GreedySoup(ingredients, other, candidates, journal);
    }

    /** With other options for making candidates. */
    public GreedySoup withCandidates(CandidateOptions other) {
        return new GreedySoup(ingredients, options, other, journal);
    }

    /** With a journal, so that no evaluation is lost. */
    public GreedySoup withJournal(JournalFile other) {
        return new GreedySoup(ingredients, options, candidates, other);
    }

    /** Searches on all processors; see {@link #search(Evaluator, Run, SearchListener)}. */
    public GreedyResult search(Evaluator evaluator) throws InterruptedException {
        return search(evaluator, Run.defaults(), SearchListener.silent());
    }

    /**
     * Searches for the soup. Evaluations that are in the journal, of any run, are not repeated.
     *
     * @param run its listener receives notes on the ingredients
     * @param listener follows the search
     * @throws SoupException if the ingredients do not fit together, or a soup of them would be no model worth having
     * @throws dev.stockpot.error.EvaluationException if a candidate gets no score; the journal keeps the other scores
     * @throws InterruptedException if the thread is interrupted; the journal keeps the finished evaluations
     */
    public GreedyResult search(Evaluator evaluator, Run run, SearchListener listener) throws InterruptedException {
        options.objective().check(evaluator.metrics());
        Checks.beforeSoup(ingredients, candidates.matching().adapters(), run);
        Ingredients matched = Ingredients.match(ingredients, candidates.matching());
        IngredientNotes.tell(matched, candidates.dtype(), run.listener());
        try (Engine engine = BackendChoice.open(run, BackendChoice.Work.GREEDY, ingredients);
                Journal kept = Journal.open(journal, run.listener()::note);
                Subsets subsets = new Subsets(
                        matched.checkpoints(),
                        matched.report().excluded(),
                        candidates,
                        options.objective(),
                        options.jobs(),
                        new Scorer(evaluator, kept, listener, run.listener()::note),
                        engine)) {
            return new Search(subsets, engine, listener).run();
        }
    }

    /** One search in progress. */
    private final class Search {
        private final Subsets subsets;
        private final Engine engine;
        private final SearchListener listener;
        private final List<Trial> trials = new ArrayList<>();
        private Objective objective = options.objective();
        private List<Integer> soup = List.of();
        private double best;

        Search(Subsets subsets, Engine engine, SearchListener listener) {
            this.subsets = subsets;
            this.engine = engine;
            this.listener = listener;
        }

        GreedyResult run() throws InterruptedException {
            int count = ingredients.size();
            double[] individual = individual();
            boolean lowest = lowestFirst();
            List<Integer> order = options.order().of(count, i -> individual[i], lowest);

            soup = List.of(order.get(0));
            // Every soup has it, and none could be written.
            Mixture start = subsets.mixture(soup);
            FinitePass.check(start.tensors(), engine, new SourceNames(start.ingredients()));
            // Evaluated here even if the ingredients' scores were given: the soups are compared with it.
            best = subsets.score(soup);
            settle(lowest);
            tried(order.get(0), best, true);

            try (Trials ahead = new Trials(subsets, options.jobs())) {
                List<Integer> offered = order.subList(1, count);
                for (int pass = 0; pass < options.passes() && !offered.isEmpty(); pass++) {
                    List<Integer> rejected = offer(offered, ahead);
                    if (rejected.size() == offered.size()) {
                        break;
                    }
                    offered = rejected;
                }
            }
            return result(individual);
        }

        /** Tries ingredients in order, the next ones side by side up to one that is kept; returns those that are not. */
        private List<Integer> offer(List<Integer> offered, Trials ahead) throws InterruptedException {
            List<Integer> rejected = new ArrayList<>();
            int begun = 0;
            for (int at = 0; at < offered.size() && soup.size() < options.maxIngredients(); at++) {
                if (at == begun) {
                    begun = at + Math.min(options.jobs(), offered.size() - at);
                    List<Integer> before = soup;
                    ahead.begin(offered.subList(at, begun).stream()
                            .map(i -> plus(before, i))
                            .toList());
                }
                int i = offered.get(at);
                double score = ahead.next();
                boolean accepted = accepts(score, best);
                if (accepted) {
                    soup = plus(soup, i);
                    best = score;
                    // The others that have begun are of a soup without it.
                    ahead.forget();
                    begun = at + 1;
                } else {
                    rejected.add(i);
                }
                tried(i, score, accepted);
            }
            return rejected;
        }

        /** Whether the ingredients' scores are sorted from the lowest; scores that were given have no name to tell it from. */
        private boolean lowestFirst() {
            Objective known = options.scores().isEmpty() ? subsets.objective() : objective;
            return known.knownDirection().equals(Optional.of(MetricDirection.MINIMIZE));
        }

        /** Takes the metric and the direction from the first scores. */
        private void settle(boolean lowest) {
            boolean assumed = objective.direction().isEmpty();
            objective = subsets.objective();
            if (objective.minimize() != lowest) {
                throw new SoupException(
                        Reason.NO_DIRECTION,
                        "the given scores were sorted from the highest, but of "
                                + objective.metric().orElseThrow() + " a lower value is better",
                        Details.of().hint("say whether the metric is maximized or minimized"));
            }
            listener.decides(objective, assumed);
        }

        private boolean accepts(double score, double best) {
            double minGain = options.minGain();
            return options.acceptTies()
                    ? objective.atLeast(score, best, minGain)
                    : objective.better(score, best, minGain);
        }

        private double[] individual() throws InterruptedException {
            if (options.scores().isEmpty()) {
                return subsets.scoreEach(options.jobs(), listener);
            }
            return IntStream.range(0, ingredients.size())
                    .mapToDouble(i -> {
                        Double score = options.scores().get(i);
                        if (score == null) {
                            throw new SoupException(
                                    Reason.NO_SCORE,
                                    ingredients.get(i).path() + ": no score is given for it",
                                    Details.of().file(ingredients.get(i).path()));
                        }
                        return score;
                    })
                    .toArray();
        }

        private void tried(int ingredient, double score, boolean accepted) {
            Trial trial = new Trial(ingredients.get(ingredient), score, accepted);
            trials.add(trial);
            listener.tried(trial);
        }

        private GreedyResult result(double[] individual) throws InterruptedException {
            List<Integer> all = IntStream.range(0, ingredients.size()).boxed().toList();
            double uniform = subsets.score(all);
            List<GreedyResult.Individual> scores = all.stream()
                    .map(i -> new GreedyResult.Individual(ingredients.get(i), individual[i]))
                    .toList();
            GreedyOptions settled = options.toBuilder().objective(objective).build();
            String metric = objective.metric().orElseThrow();
            GreedyResult.Soups soups =
                    new GreedyResult.Soups(subsets.mixture(soup), uniform, subsets.mixture(all), candidates);
            return new GreedyResult(settled, metric, scores, trials, soup, soups);
        }
    }

    private static List<Integer> plus(List<Integer> soup, int ingredient) {
        List<Integer> more = new ArrayList<>(soup);
        more.add(ingredient);
        return more;
    }
}
