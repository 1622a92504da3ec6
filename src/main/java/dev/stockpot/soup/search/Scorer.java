package dev.stockpot.soup.search;

import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Scores candidates: each once, even across runs with the same journal. A score is known by {@linkplain Identity what was
 * measured} and by the evaluator's own identity. Thread-safe.
 */
public final class Scorer {
    private final Evaluator evaluator;
    private final Journal journal;
    private final SearchListener listener;
    private final Identity identity = new Identity();
    private final Map<String, Scored> known = new ConcurrentHashMap<>();
    private final Set<String> asked = new HashSet<>();

    /**
     * A candidate's scores.
     *
     * @param kept whether they come from the journal of an earlier run
     */
    public record Scored(Scores scores, boolean kept) {}

    /**
     * Reads what is known.
     *
     * @param journal which the caller closes
     * @param listener hears of each score that is kept, under this object's lock
     * @param notes receives a note if all scores in a search's own journal are another evaluator's
     */
    public Scorer(Evaluator evaluator, Journal journal, SearchListener listener, Consumer<String> notes) {
        this.evaluator = evaluator;
        this.journal = journal;
        this.listener = listener;
        // A digest of its data, perhaps, which nothing is to be compared with.
        String mine = journal.entries().isEmpty() ? "" : evaluator.identity();
        String other = null;
        for (String entry : journal.entries()) {
            try {
                Map<?, ?> fields = (Map<?, ?>) JsonValues.read(entry);
                if (fields.containsKey("candidate") && fields.get("evaluator").equals(mine)) {
                    Scores scores = Scores.inOrder(JsonValues.numbers(fields.get("metrics")));
                    known.put((String) fields.get("candidate"), new Scored(scores, true));
                } else if (fields.containsKey("candidate")) {
                    other = (String) fields.get("evaluator");
                }
            } catch (IOException | RuntimeException e) {
                throw journal.damaged(entry, e);
            }
        }
        if (known.isEmpty() && other != null && !journal.isShared()) {
            notes.accept(journal.path().orElseThrow() + ": its scores are kept but not used: they are by another"
                    + " evaluator, " + other);
        }
    }

    /**
     * The candidate's scores, measured unless they are known.
     *
     * @param objective of which the metric has to be among them
     */
    public Scored score(SoupCandidate candidate, Objective objective) throws InterruptedException {
        return score(candidate, identity.of(candidate.mixture()), objective);
    }

    /**
     * The same of a candidate that the caller knows by all that its values depend on: what computes them may have no text.
     *
     * @param key the candidate's identity, the same in every run
     */
    public Scored score(SoupCandidate candidate, String key, Objective objective) throws InterruptedException {
        return keep(measure(candidate, key, objective), objective);
    }

    /** Scores of a candidate that are not kept yet, with how long they took. */
    record Measured(String key, String name, Scores scores, double seconds) {}

    /** Measures a candidate that the search may not come to, unless its scores are known; {@link #keep} follows if it does. */
    Measured measure(SoupCandidate candidate, Objective objective) throws InterruptedException {
        return measure(candidate, identity.of(candidate.mixture()), objective);
    }

    private Measured measure(SoupCandidate candidate, String key, Objective objective) throws InterruptedException {
        Scored found = known.get(key);
        long start = System.nanoTime();
        Scores scores = isKnown(found, objective) ? found.scores() : evaluator.evaluate(candidate);
        return new Measured(key, candidate.name(), scores, (System.nanoTime() - start) / 1e9);
    }

    private static boolean isKnown(Scored found, Objective objective) {
        return found != null && objective.isIn(found.scores());
    }

    /** Keeps scores, unless they are known: they are on disk when this returns. */
    Scored keep(Measured measured, Objective objective) {
        String key = measured.key();
        Scored found = known.get(key);
        if (!isKnown(found, objective)) {
            journal.add(json -> {
                json.writeStringField("candidate", key);
                json.writeStringField("evaluator", evaluator.identity());
                json.writeStringField("name", measured.name());
                json.writeFieldName("metrics");
                JsonValues.write(json, measured.scores().metrics());
                json.writeNumberField("seconds", measured.seconds());
            });
            // For the rest of this run it is no news, but not an earlier run's either.
            found = new Scored(measured.scores(), false);
            known.put(key, found);
        }
        synchronized (this) {
            if (asked.add(key) && journal.path().isPresent()) {
                listener.saved(journal.path().get(), asked.size());
            }
        }
        return found;
    }
}
