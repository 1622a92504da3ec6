package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.run.Run;
import dev.stockpot.soup.checks.Checks;
import dev.stockpot.soup.descent.Coefficients;
import dev.stockpot.soup.descent.DescentJournal;
import dev.stockpot.soup.descent.DescentPass;
import dev.stockpot.soup.descent.EvolutionSearch;
import dev.stockpot.soup.descent.GradientDescent;
import dev.stockpot.soup.descent.Learned;
import dev.stockpot.soup.descent.OnePass;
import dev.stockpot.soup.descent.TwoPasses;
import dev.stockpot.soup.descent.WeightedSoup;
import dev.stockpot.soup.mixture.IngredientNotes;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.Granularity;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.LearnedOptions;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.options.StartingPoint;
import dev.stockpot.soup.search.BackendChoice;
import dev.stockpot.soup.search.CandidateFiles;
import dev.stockpot.soup.search.Identity;
import dev.stockpot.soup.search.Journal;
import dev.stockpot.soup.search.Scorer;
import dev.stockpot.system.AvailableMemory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The learned soup (Wortsman et al., ICML 2022, section 2 and appendix I): mixing coefficients, and a temperature for the
 * logits, found by gradient descent on the held-out set's cross-entropy. By the chain rule, the derivative with respect to
 * an ingredient's coefficient is the dot product of the loss's gradient with respect to the mixed weights and the
 * ingredient's own weights. No ingredient needs to be in memory: a step reads each of them once to mix the candidate and
 * once for the dot products.
 *
 * <p>Immutable: each {@code with...} returns a new one.
 */
public final class LearnedSoup {
    private final List<Checkpoint> ingredients;
    private final LearnedOptions options;
    private final CandidateOptions candidates;
    private final JournalFile journal;
    private final StartingPoint start;

    private LearnedSoup(
            List<Checkpoint> ingredients,
            LearnedOptions options,
            CandidateOptions candidates,
            JournalFile journal,
            StartingPoint start) {
        this.ingredients = List.copyOf(ingredients);
        this.options = Objects.requireNonNull(options, "options");
        this.candidates = Objects.requireNonNull(candidates, "candidates");
        this.journal = Objects.requireNonNull(journal, "journal");
        this.start = Objects.requireNonNull(start, "start");
    }

    /** A learned soup of these ingredients, with the paper's options, from equal coefficients, without a journal. */
    public static LearnedSoup of(List<Checkpoint> ingredients) {
        return new LearnedSoup(
                ingredients,
                LearnedOptions.defaults(),
                CandidateOptions.defaults(),
                JournalFile.NONE,
                StartingPoint.UNIFORM);
    }

    /** With other options. */
    public LearnedSoup withOptions(LearnedOptions other) {
        return new LearnedSoup(ingredients, other, candidates, journal, start);
    }

    /** With other options for making candidates. */
    public LearnedSoup withCandidates(CandidateOptions other) {
        return new LearnedSoup(ingredients, options, other, journal, start);
    }

    /** With a journal, so that no epoch is lost. */
    public LearnedSoup withJournal(JournalFile other) {
        return new LearnedSoup(ingredients, options, candidates, other, start);
    }

    /** With other coefficients to start from. */
    public LearnedSoup withStart(StartingPoint other) {
        return new LearnedSoup(ingredients, options, candidates, journal, other);
    }

    /** Learns by gradient descent on all processors; see {@link #learn(GradientEvaluator, Run, SearchListener)}. */
    public LearnedResult learn(GradientEvaluator evaluator) throws InterruptedException {
        return learn(evaluator, Run.defaults(), SearchListener.silent());
    }

    /**
     * Learns the coefficients by gradient descent. Epochs that are in the journal are not repeated.
     *
     * @param run its listener receives notes on the ingredients
     * @param listener follows the descent
     * @throws SoupException if the ingredients do not fit together, or the loss or a gradient is not finite
     * @throws dev.stockpot.error.EvaluationException if the evaluator fails
     * @throws InterruptedException if the thread is interrupted; the journal keeps the finished epochs
     */
    public LearnedResult learn(GradientEvaluator evaluator, Run run, SearchListener listener)
            throws InterruptedException {
        checkOneModel();
        WeightedSoup soup = weighted(run);
        Coefficients first = first(soup);
        try (Engine engine = engine(run);
                CandidateFiles files = new CandidateFiles(candidates, soup.largest());
                Journal kept = Journal.open(journal, run.listener()::note);
                DescentPass pass = pass(soup, engine, files)) {
            DescentJournal mine =
                    DescentJournal.of(kept, settings(evaluator, soup, first), listener, run.listener()::note);
            return result(soup, new GradientDescent(options, evaluator, mine, pass, listener).run(first));
        }
    }

    /** Searches by score on all processors; see {@link #search(Evaluator, Objective, int, Run, SearchListener)}. */
    public LearnedResult search(Evaluator evaluator, Objective objective, int evaluations) throws InterruptedException {
        return search(evaluator, objective, evaluations, Run.defaults(), SearchListener.silent());
    }

    /**
     * Searches for the coefficients by score only, for evaluators and metrics without a gradient. Evaluations that are in the
     * journal are not repeated.
     *
     * @param objective the metric to optimize
     * @param evaluations how many candidates may be scored, at least 1
     * @throws SoupException if the ingredients do not fit together, or there are too many coefficients
     * @throws dev.stockpot.error.EvaluationException if the evaluator fails; the journal keeps the finished evaluations
     * @throws InterruptedException if the thread is interrupted; the journal keeps the finished evaluations
     */
    public LearnedResult search(
            Evaluator evaluator, Objective objective, int evaluations, Run run, SearchListener listener)
            throws InterruptedException {
        objective.check(evaluator.metrics());
        WeightedSoup soup = weighted(run);
        Coefficients first = first(soup);
        try (Engine engine = engine(run);
                CandidateFiles files = new CandidateFiles(candidates, soup.largest());
                Journal kept = Journal.open(journal, run.listener()::note)) {
            Scorer scorer = new Scorer(evaluator, kept, listener, run.listener()::note);
            EvolutionSearch.Scoring scoring =
                    (name, at) -> scorer.score(soup.candidate(name, at, engine, files), objective);
            return result(soup, new EvolutionSearch(options, objective, evaluations, scoring, listener).run(first));
        }
    }

    private Engine engine(Run run) {
        return BackendChoice.open(run, BackendChoice.Work.LEARNED, ingredients);
    }

    private Coefficients first(WeightedSoup soup) {
        return Coefficients.of(start, soup.groups().size(), ingredients.size(), options.softmax());
    }

    private LearnedResult result(WeightedSoup soup, Learned learned) {
        return new LearnedResult(soup, options.granularity(), learned, candidates);
    }

    /** If the ingredients fit into memory, reading them twice costs little; if not, their disk is the bottleneck. */
    private DescentPass pass(WeightedSoup soup, Engine engine, CandidateFiles files) {
        // Tied tensors share coefficients, which move only when the dot products of all of them are known.
        boolean single = options.granularity().equals(Granularity.TENSOR) && !soup.hasTies();
        long bytes = ingredients.stream().mapToLong(Checkpoint::bytes).sum();
        return single && !AvailableMemory.holds(bytes)
                ? new OnePass(soup, engine, files)
                : new TwoPasses(soup, engine, files);
    }

    /** Gradients are those of one model's tensors, which an evaluator gets in one file. */
    private void checkOneModel() {
        Checkpoint first = ingredients.get(0);
        for (String name :
                first.folders().isEmpty() ? Set.<String>of() : first.tensors().keySet()) {
            String folder = first.folder(name);
            if (!folder.isEmpty()) {
                throw new SoupException(
                        Reason.UNSUPPORTED,
                        first.path() + ": its folders (" + String.join(", ", first.folders())
                                + ") hold models of their own,"
                                + " and gradients for several models are not supported yet",
                        Details.of()
                                .file(first.path())
                                .hint("learn the coefficients of one of them, such as "
                                        + first.path().resolve(folder) + ", or make the uniform soup of all"));
            }
        }
    }

    private WeightedSoup weighted(Run run) throws InterruptedException {
        Checks.beforeSoup(ingredients, run);
        Ingredients matched = Ingredients.matchCommon(ingredients, candidates.matching());
        IngredientNotes.tell(matched, candidates.dtype(), run.listener());
        return new WeightedSoup(matched, candidates.dtype(), options.granularity());
    }

    /** All that a descent's steps depend on, by name. */
    private Map<String, String> settings(Evaluator evaluator, WeightedSoup soup, Coefficients first)
            throws InterruptedException {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("evaluator", evaluator.identity());
        settings.put("granularity", options.granularity().toString());
        settings.put("softmax", Boolean.toString(options.softmax()));
        settings.put("seed", Long.toString(options.seed()));
        settings.put("learning rate", Double.toString(options.learningRate()));
        settings.put("batch size", Integer.toString(options.batchSize()));
        settings.put("order", options.shuffle() ? "shuffled" : "as given");
        settings.put("held back", Double.toString(options.heldBack()));
        settings.put("start", Arrays.toString(first.parameters()));
        // Of the ingredients' content, in the types and with the tensors that are mixed.
        settings.put("first soup", new Identity().of(soup.mixture(first.alpha(), Map.of())));
        return settings;
    }
}
