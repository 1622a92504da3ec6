package dev.stockpot.diagnose;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.SearchListener;
import java.util.List;
import java.util.Optional;

/**
 * Whether ingredients make a soup: how far they are from each other and from the pre-trained model, and, with an evaluator,
 * whether the scores hold along the straight lines between them. Nothing is written. Immutable: each {@code with...} gives a
 * new one.
 */
public final class Diagnosis {
    private final List<Checkpoint> ingredients;
    private final Optional<Checkpoint> base;
    private final DiagnosisOptions options;
    private final CandidateOptions candidates;

    private Diagnosis(
            List<Checkpoint> ingredients,
            Optional<Checkpoint> base,
            DiagnosisOptions options,
            CandidateOptions candidates) {
        this.ingredients = List.copyOf(ingredients);
        this.base = base;
        this.options = options;
        this.candidates = candidates;
    }

    /** Of these, seen from their mean. */
    public static Diagnosis of(List<Checkpoint> ingredients) {
        return new Diagnosis(ingredients, Optional.empty(), DiagnosisOptions.defaults(), CandidateOptions.defaults());
    }

    /** Seen from the pre-trained model. */
    public Diagnosis withBase(Checkpoint pretrained) {
        return new Diagnosis(ingredients, Optional.of(pretrained), options, candidates);
    }

    /** With other options. */
    public Diagnosis withOptions(DiagnosisOptions other) {
        return new Diagnosis(ingredients, base, other, candidates);
    }

    /** With candidates made in another way; their dtype is the ingredients' own whatever it says. */
    public Diagnosis withCandidates(CandidateOptions other) {
        return new Diagnosis(ingredients, base, options, other);
    }

    /**
     * What came out.
     *
     * @param geometry lengths, distances and angles
     * @param scores of ingredients and of what lies between them, where there was an evaluator
     * @param findings in plain words, the worst first; at least one
     */
    public record Result(Geometry geometry, Optional<LineScores> scores, List<Finding> findings) {
        public Result {
            findings = List.copyOf(findings);
        }
    }

    /**
     * By the weights alone.
     *
     * @throws dev.stockpot.error.SoupException where the ingredients do not fit together
     * @throws dev.stockpot.error.CheckpointException where a file cannot be read
     * @throws InterruptedException where the thread was interrupted
     */
    public Result run(Run run) throws InterruptedException {
        Geometry geometry = Geometry.of(ingredients, base, candidates.onMissing(), run);
        return new Result(geometry, Optional.empty(), DiagnosisRules.apply(geometry, Optional.empty()));
    }

    /**
     * By the weights and by scores.
     *
     * @param listener follows the evaluations
     * @throws dev.stockpot.error.SoupException where the ingredients do not fit together
     * @throws dev.stockpot.error.CheckpointException where a file cannot be read
     * @throws dev.stockpot.error.EvaluationException where a candidate has no score
     * @throws InterruptedException where the thread was interrupted
     */
    public Result run(Evaluator evaluator, Run run, SearchListener listener) throws InterruptedException {
        Geometry geometry = Geometry.of(ingredients, base, candidates.onMissing(), run);
        try (Engine engine = Engine.open(run);
                LineSearch search = new LineSearch(ingredients, candidates, options, evaluator, engine, listener)) {
            Optional<LineScores> scores = Optional.of(search.run(geometry.whole()));
            return new Result(geometry, scores, DiagnosisRules.apply(geometry, scores));
        }
    }
}
