package dev.stockpot.demo;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.Checkpoints;
import dev.stockpot.demo.PaperTable.Kind;
import dev.stockpot.demo.PaperTable.Row;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.WriteOptions;
import dev.stockpot.evaluate.ScratchFolder;
import dev.stockpot.soup.Granularity;
import dev.stockpot.soup.GreedyOptions;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.soup.GreedySoup;
import dev.stockpot.soup.LearnedOptions;
import dev.stockpot.soup.LearnedResult;
import dev.stockpot.soup.LearnedSoup;
import dev.stockpot.soup.SearchListener;
import dev.stockpot.soup.UniformSoup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes every soup of one family and scores it, beside the best individual model and the ensemble. The held-out set alone
 * decides which model is the best, what the greedy soup keeps and what the learned soups' coefficients are.
 */
public final class PaperComparison {
    private final Family family;
    private final EngineSettings settings;
    private final SearchListener listener;

    private PaperComparison(Family family, EngineSettings settings, SearchListener listener) {
        this.family = family;
        this.settings = settings;
        this.listener = listener;
    }

    /**
     * Runs all of it. Soups lie in a scratch folder while they are scored.
     *
     * @throws dev.stockpot.error.SoupException where the ingredients do not fit together
     * @throws dev.stockpot.error.EvaluationException where a model cannot be scored
     * @throws InterruptedException where the thread was interrupted
     */
    public static PaperTable of(Family family, EngineSettings settings, SearchListener listener)
            throws InterruptedException {
        return new PaperComparison(family, settings, listener).run();
    }

    private PaperTable run() throws InterruptedException {
        List<Checkpoint> ingredients = family.ingredients();
        // Four soups, one file each.
        long room = Math.multiplyExact(5, ingredients.get(0).bytes());
        try (DataSets data = new DataSets(family, settings);
                ScratchFolder scratch = ScratchFolder.open(null, room)) {
            List<Row> scored = data.scoreEachAndEnsemble(ingredients, Kind.ENSEMBLE.title());
            List<Row> individual = scored.subList(0, ingredients.size());

            Path uniform = scratch.resolve("uniform.safetensors");
            UniformSoup.of(ingredients).write(uniform, WriteOptions.passing(), settings, SearchListener.silent());
            GreedyResult greedy = GreedySoup.of(ingredients)
                    .withOptions(GreedyOptions.defaults().withJobs(settings.threads()))
                    .search(data.heldOut(), settings, listener);
            Path chosen = scratch.resolve("greedy.safetensors");
            greedy.write(chosen, WriteOptions.passing(), settings, SearchListener.silent());
            Path byModel = learned(data, Granularity.MODEL, scratch.resolve("by-model.safetensors"));
            Path byTensor = learned(data, Granularity.TENSOR, scratch.resolve("by-tensor.safetensors"));

            List<Row> rows = new ArrayList<>();
            int best = ingredients.indexOf(greedy.bestIndividual().ingredient());
            rows.add(titled(individual.get(best), Kind.BEST_INDIVIDUAL));
            rows.add(score(data, Kind.UNIFORM, ingredients.size(), uniform));
            rows.add(score(data, Kind.GREEDY, greedy.chosen().size(), chosen));
            rows.add(score(data, Kind.LEARNED_BY_MODEL, ingredients.size(), byModel));
            rows.add(score(data, Kind.LEARNED_BY_TENSOR, ingredients.size(), byTensor));
            rows.add(scored.get(ingredients.size()));
            return new PaperTable(rows, individual, greedy);
        }
    }

    private Path learned(DataSets data, Granularity granularity, Path file) throws InterruptedException {
        LearnedResult result = LearnedSoup.of(family.ingredients())
                .withOptions(LearnedOptions.defaults().withGranularity(granularity))
                .learn(data.heldOut(), settings, listener);
        result.write(file, WriteOptions.passing(), settings, SearchListener.silent());
        return file;
    }

    private static Row score(DataSets data, Kind kind, int models, Path soup) throws InterruptedException {
        return data.score(kind.title(), models, Checkpoints.open(soup));
    }

    private static Row titled(Row row, Kind kind) {
        return new Row(kind.title(), 1, 1, row.heldOut(), row.test(), row.shifts());
    }
}
