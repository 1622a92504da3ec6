package dev.stockpot.diagnose;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.run.Run;
import dev.stockpot.soup.checks.Checks;
import dev.stockpot.soup.checks.Doubt;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.search.Journal;
import dev.stockpot.soup.search.Scorer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether ingredients make a good soup: how far they are from each other and from the pre-trained model, and, with an
 * evaluator, whether the scores hold up along the straight lines between them. Nothing is written. Immutable: each {@code
 * with...} returns a new one.
 */
public final class Diagnosis {
    private final List<Checkpoint> ingredients;
    private final Optional<Checkpoint> base;
    private final DiagnosisOptions options;
    private final CandidateOptions candidates;
    private final JournalFile journal;

    private Diagnosis(
            List<Checkpoint> ingredients,
            Optional<Checkpoint> base,
            DiagnosisOptions options,
            CandidateOptions candidates,
            JournalFile journal) {
        this.ingredients = List.copyOf(ingredients);
        this.base = Objects.requireNonNull(base, "base");
        this.options = Objects.requireNonNull(options, "options");
        this.candidates = Objects.requireNonNull(candidates, "candidates");
        this.journal = Objects.requireNonNull(journal, "journal");
    }

    /** A diagnosis of these ingredients, seen from their mean. */
    public static Diagnosis of(List<Checkpoint> ingredients) {
        return new Diagnosis(
                ingredients,
                Optional.empty(),
                DiagnosisOptions.defaults(),
                CandidateOptions.defaults(),
                JournalFile.NONE);
    }

    /** With {@code pretrained} as the model that the ingredients are seen from. */
    public Diagnosis withBase(Checkpoint pretrained) {
        return new Diagnosis(ingredients, Optional.of(pretrained), options, candidates, journal);
    }

    /** With other options. */
    public Diagnosis withOptions(DiagnosisOptions other) {
        return new Diagnosis(ingredients, base, other, candidates, journal);
    }

    /** With other options for making candidates; their dtype is ignored, as it is always the ingredients' own. */
    public Diagnosis withCandidates(CandidateOptions other) {
        return new Diagnosis(ingredients, base, options, other, journal);
    }

    /** With a journal, so that no evaluation is repeated, nor one of a search that used it. */
    public Diagnosis withJournal(JournalFile other) {
        return new Diagnosis(ingredients, base, options, candidates, other);
    }

    /**
     * The result of a diagnosis.
     *
     * @param geometry lengths, distances and angles
     * @param scores of ingredients and of the models between them, if there was an evaluator
     * @param findings in plain words, the worst first; at least one
     */
    public record Result(Geometry geometry, Optional<LineScores> scores, List<Finding> findings) {
        public Result {
            findings = List.copyOf(findings);
        }

        /** How bad the worst finding is. */
        public Finding.Severity verdict() {
            return findings.get(0).kind().severity();
        }
    }

    /**
     * Diagnoses by the weights only.
     *
     * @throws dev.stockpot.error.SoupException if the ingredients do not fit together
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read
     * @throws InterruptedException if the thread is interrupted
     */
    public Result run(Run run) throws InterruptedException {
        List<Doubt> doubts = Checks.of(ingredients);
        Geometry geometry = geometry(match(doubts, run), doubts, run);
        return new Result(
                geometry,
                Optional.empty(),
                DiagnosisRules.apply(geometry, Optional.empty(), HeaderRules.findings(doubts)));
    }

    /**
     * Diagnoses by the weights and by scores.
     *
     * @param listener follows the evaluations
     * @throws dev.stockpot.error.SoupException if the ingredients do not fit together
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read
     * @throws dev.stockpot.error.EvaluationException if a candidate gets no score
     * @throws InterruptedException if the thread is interrupted
     */
    public Result run(Evaluator evaluator, Run run, SearchListener listener) throws InterruptedException {
        options.objective().check(evaluator.metrics());
        List<Doubt> doubts = Checks.of(ingredients);
        Ingredients.WithBase models = match(doubts, run);
        Geometry geometry = geometry(models, doubts, run);
        List<Checkpoint> aligned = models.ingredients().checkpoints();
        try (Engine engine = Engine.open(run);
                Journal kept = Journal.open(journal, run.listener()::note);
                LineSearch search = new LineSearch(
                        aligned,
                        candidates,
                        options,
                        new Scorer(evaluator, kept, listener, run.listener()::note),
                        engine,
                        listener)) {
            Optional<LineScores> scores = Optional.of(search.run(geometry.whole()));
            return new Result(geometry, scores, DiagnosisRules.apply(geometry, scores, HeaderRules.findings(doubts)));
        }
    }

    private Ingredients.WithBase match(List<Doubt> doubts, Run run) {
        try {
            Ingredients.WithBase models = Ingredients.matchWithBase(ingredients, base, candidates.matching());
            models.ingredients().notes().forEach(run.listener()::note);
            return models;
        } catch (SoupException e) {
            tell(doubts, run);
            throw e;
        }
    }

    private Geometry geometry(Ingredients.WithBase models, List<Doubt> doubts, Run run) throws InterruptedException {
        try {
            return Geometry.of(ingredients, base, models, run);
        } catch (SoupException e) {
            tell(doubts, run);
            throw e;
        }
    }

    /** If the ingredients do not even fit together, what the headers show is most likely why. */
    private void tell(List<Doubt> doubts, Run run) {
        for (Doubt doubt : doubts) {
            run.listener().warning(doubt.message(ingredients));
        }
    }
}
