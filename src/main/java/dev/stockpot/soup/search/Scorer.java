package dev.stockpot.soup.search;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.mixture.Weights;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.system.Jobs;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Scores uniform soups of some of the ingredients: each once, even across runs with the same journal. Thread-safe. */
public final class Scorer implements AutoCloseable {
    /** Under the names that all of them have in the soup. */
    private final List<Checkpoint> ingredients;

    private final CandidateOptions options;
    private final Evaluator evaluator;
    private final int jobs;
    private final Engine engine;
    private final SearchListener listener;
    private final Journal journal;
    private final CandidateFiles files;
    private final Map<List<Integer>, Scores> known = new ConcurrentHashMap<>();
    private final Object telling = new Object();

    private Scorer(
            List<Checkpoint> ingredients,
            CandidateOptions options,
            Evaluator evaluator,
            int jobs,
            Journal journal,
            Engine engine,
            SearchListener listener) {
        this.ingredients = ingredients;
        this.options = options;
        this.evaluator = evaluator;
        this.jobs = jobs;
        this.journal = journal;
        this.engine = engine;
        this.listener = listener;
        long largest = ingredients.stream().mapToLong(Checkpoint::bytes).max().orElse(0);
        this.files = new CandidateFiles(options.scratch(), Math.multiplyExact(largest, jobs));
    }

    /**
     * Opens the journal, or creates it.
     *
     * @param jobs how many evaluations run concurrently
     * @throws dev.stockpot.error.CheckpointException if the journal belongs to another search
     */
    public static Scorer open(
            List<Checkpoint> ingredients,
            CandidateOptions options,
            Evaluator evaluator,
            int jobs,
            JournalFile journal,
            Engine engine,
            SearchListener listener)
            throws InterruptedException {
        Map<String, String> belongsTo = Identity.ofCandidates(evaluator, options);
        belongsTo.putAll(Identity.ofIngredients(ingredients));
        Journal opened = Journal.open(journal, belongsTo);
        Scorer scorer = new Scorer(ingredients, options, evaluator, jobs, opened, engine, listener);
        try {
            scorer.recall();
            return scorer;
        } catch (RuntimeException e) {
            scorer.close();
            throw e;
        }
    }

    /** Loads the journal's entries. */
    private void recall() {
        for (String entry : journal.entries()) {
            try {
                Map<?, ?> fields = (Map<?, ?>) JsonValues.read(entry);
                List<Integer> members = ((List<?>) fields.get("ingredients"))
                        .stream()
                                .map(member -> ((Double) member).intValue() - 1)
                                .toList();
                known.put(members, Scores.inOrder(JsonValues.numbers(fields.get("metrics"))));
            } catch (IOException | RuntimeException e) {
                throw journal.damaged(entry, e);
            }
        }
    }

    /** The objective's value for the average of {@code members}, summed in their order. */
    public double score(List<Integer> members, Objective objective) throws InterruptedException {
        return objective.of(scores(members), name(members));
    }

    /** The objective's value for every single ingredient; {@code jobs} of them are scored at a time. */
    public double[] scoreEach(Objective objective) throws InterruptedException {
        double[] scores = new double[ingredients.size()];
        Jobs.run(jobs, ingredients.size(), i -> {
            boolean kept = known.containsKey(List.of(i));
            Scores found = scores(List.of(i));
            scores[i] = objective.of(found, name(List.of(i)));
            synchronized (telling) {
                listener.scored(ingredients.get(i), found, kept);
            }
        });
        return scores;
    }

    /** The name of the objective's metric; known once anything is scored. */
    public String metric(Objective objective) {
        return objective.name(known.values().iterator().next());
    }

    /** The mixture that is the average of {@code members}. */
    public Mixture mixture(List<Integer> members) {
        List<Checkpoint> chosen = members.stream().map(ingredients::get).toList();
        return Mixture.averaged(Ingredients.matchAligned(chosen, options.matching()), Weights.EQUAL, options.dtype());
    }

    private Scores scores(List<Integer> members) throws InterruptedException {
        Scores kept = known.get(members);
        if (kept != null) {
            return kept;
        }
        long start = System.nanoTime();
        Scores scores = evaluator.evaluate(new SoupCandidate(name(members), mixture(members), engine, files));
        double seconds = (System.nanoTime() - start) / 1e9;
        journal.add(json -> {
            json.writeArrayFieldStart("ingredients");
            for (int member : members) {
                json.writeNumber(member + 1);
            }
            json.writeEndArray();
            json.writeFieldName("metrics");
            JsonValues.write(json, scores.metrics());
            json.writeNumberField("seconds", seconds);
        });
        known.put(members, scores);
        return scores;
    }

    private String name(List<Integer> members) {
        Checkpoint last = ingredients.get(members.get(members.size() - 1));
        return members.size() == 1
                ? last.path().toString()
                : "the soup of " + members.size() + " ingredients that ends with " + last.path();
    }

    @Override
    public void close() {
        journal.close();
        files.close();
    }
}
