package dev.stockpot.soup.search;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.system.Jobs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Scores uniform soups of some of the ingredients: each once, also over several runs with one journal. Thread-safe. */
public final class Scorer implements AutoCloseable {
    private final List<Checkpoint> ingredients;
    private final CandidateOptions options;
    private final Evaluator evaluator;
    private final int jobs;
    private final EngineSettings settings;
    private final SearchListener listener;
    private final Journal journal;
    private final CandidateFiles files;
    private final Map<List<Integer>, Scores> known = new ConcurrentHashMap<>();

    private Scorer(
            List<Checkpoint> ingredients,
            CandidateOptions options,
            Evaluator evaluator,
            int jobs,
            Journal journal,
            EngineSettings settings,
            SearchListener listener) {
        this.ingredients = ingredients;
        this.options = options;
        this.evaluator = evaluator;
        this.jobs = jobs;
        this.journal = journal;
        this.settings = settings;
        this.listener = listener;
        long largest = ingredients.stream().mapToLong(Checkpoint::bytes).max().orElse(0);
        this.files = new CandidateFiles(options.scratch(), Math.multiplyExact(largest, jobs));
    }

    public static Scorer open(
            List<Checkpoint> ingredients,
            CandidateOptions options,
            Evaluator evaluator,
            int jobs,
            JournalFile journal,
            EngineSettings settings,
            SearchListener listener) {
        Map<String, String> belongsTo = new LinkedHashMap<>();
        belongsTo.put("evaluator", evaluator.identity());
        belongsTo.put(
                "dtype",
                options.dtype() == null
                        ? "the ingredients' own"
                        : options.dtype().toString());
        belongsTo.put("way with missing tensors", options.onMissing().toString());
        for (int i = 0; i < ingredients.size(); i++) {
            belongsTo.put("ingredient " + (i + 1), Identity.of(ingredients.get(i)));
        }
        Journal opened = Journal.open(journal, belongsTo);
        Scorer scorer = new Scorer(ingredients, options, evaluator, jobs, opened, settings, listener);
        try {
            scorer.recall();
            return scorer;
        } catch (RuntimeException e) {
            scorer.close();
            throw e;
        }
    }

    /** Takes over what the journal holds. */
    private void recall() {
        for (String entry : journal.entries()) {
            try (JsonParser json = new JsonFactory().createParser(entry)) {
                List<Integer> members = new ArrayList<>();
                Map<String, Double> metrics = new LinkedHashMap<>();
                json.nextToken();
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String field = json.currentName();
                    json.nextToken();
                    switch (field) {
                        case "ingredients" -> {
                            while (json.nextToken() != JsonToken.END_ARRAY) {
                                members.add(json.getIntValue() - 1);
                            }
                        }
                        case "metrics" -> {
                            while (json.nextToken() == JsonToken.FIELD_NAME) {
                                String metric = json.currentName();
                                json.nextToken();
                                metrics.put(metric, json.getDoubleValue());
                            }
                        }
                        default -> json.skipChildren();
                    }
                }
                known.put(members, new Scores(metrics));
            } catch (IOException | IllegalArgumentException e) {
                throw journal.damaged(entry, e);
            }
        }
    }

    /** The objective's value of the average of {@code members}, summed in their order. */
    public double score(List<Integer> members, Objective objective) throws InterruptedException {
        return objective.of(scores(members), name(members));
    }

    /** The objective's value of every ingredient alone; {@code jobs} of them are scored at a time. */
    public double[] scoreEach(Objective objective) throws InterruptedException {
        double[] scores = new double[ingredients.size()];
        Jobs.run(jobs, ingredients.size(), i -> {
            boolean kept = known.containsKey(List.of(i));
            Scores found = scores(List.of(i));
            scores[i] = objective.of(found, name(List.of(i)));
            synchronized (listener) {
                listener.scored(ingredients.get(i), found, kept);
            }
        });
        return scores;
    }

    /** The objective's name; known once anything is scored. */
    public String metric(Objective objective) {
        return objective.name(known.values().iterator().next());
    }

    /** What the average of {@code members} is made of. */
    public Mixture mixture(List<Integer> members) {
        List<Checkpoint> chosen = members.stream().map(ingredients::get).toList();
        UniformSoup soup = UniformSoup.of(chosen).withOnMissing(options.onMissing());
        return (options.dtype() == null ? soup : soup.withDType(options.dtype())).mixture();
    }

    private Scores scores(List<Integer> members) throws InterruptedException {
        Scores kept = known.get(members);
        if (kept != null) {
            return kept;
        }
        long start = System.nanoTime();
        Scores scores = evaluator.evaluate(new SoupCandidate(name(members), mixture(members), settings, files));
        double seconds = (System.nanoTime() - start) / 1e9;
        journal.add(json -> {
            json.writeArrayFieldStart("ingredients");
            for (int member : members) {
                json.writeNumber(member + 1);
            }
            json.writeEndArray();
            json.writeObjectFieldStart("metrics");
            for (Map.Entry<String, Double> metric : scores.metrics().entrySet()) {
                json.writeNumberField(metric.getKey(), metric.getValue());
            }
            json.writeEndObject();
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
