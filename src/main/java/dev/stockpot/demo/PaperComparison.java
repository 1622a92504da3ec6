package dev.stockpot.demo;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.demo.PaperTable.Kind;
import dev.stockpot.demo.PaperTable.Row;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.run.MixListener;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.soup.GreedySoup;
import dev.stockpot.soup.LearnedResult;
import dev.stockpot.soup.LearnedSoup;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.soup.mixture.Recalibration;
import dev.stockpot.soup.options.Granularity;
import dev.stockpot.soup.options.GreedyOptions;
import dev.stockpot.soup.options.LearnedOptions;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.system.ScratchFolder;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

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
        // One soup at a time.
        long room = Math.multiplyExact(2, ingredients.get(0).bytes());
        try (DataSets data = new DataSets(family, settings);
                ScratchFolder scratch = ScratchFolder.open(null, room)) {
            List<Row> scored = data.scoreEachAndEnsemble(ingredients, Kind.ENSEMBLE.title());
            List<Row> individual = scored.subList(0, ingredients.size());

            UniformSoup uniform = UniformSoup.of(ingredients);
            GreedyResult greedy = GreedySoup.of(ingredients)
                    .withOptions(GreedyOptions.defaults().withJobs(settings.threads()))
                    .search(data.heldOut(), settings, listener);
            int best = ingredients.indexOf(greedy.bestIndividual().ingredient());
            int all = ingredients.size();
            int chosen = greedy.chosen().size();

            Map<Kind, Row> rows = new EnumMap<>(Kind.class);
            rows.put(Kind.BEST_INDIVIDUAL, individual.get(best).titled(Kind.BEST_INDIVIDUAL));
            rows.put(Kind.ENSEMBLE, scored.get(all));
            score(data, rows, Kind.UNIFORM, all, scratch, (f, o, s, l) -> uniform.write(f, o, s, l));
            score(data, rows, Kind.GREEDY, chosen, scratch, (f, o, s, l) -> greedy.write(f, o, s, l));
            LearnedResult byModel = learned(data, Granularity.MODEL);
            score(data, rows, Kind.LEARNED_BY_MODEL, all, scratch, (f, o, s, l) -> byModel.write(f, o, s, l));
            LearnedResult byTensor = learned(data, Granularity.TENSOR);
            score(data, rows, Kind.LEARNED_BY_TENSOR, all, scratch, (f, o, s, l) -> byTensor.write(f, o, s, l));
            if (family.training() != null) {
                Recalibration anew = new Recalibration(
                        family.network(), EvaluatorOptions.defaults().withData(family.training()));
                score(
                        data,
                        rows,
                        Kind.UNIFORM_RECALIBRATED,
                        all,
                        scratch,
                        (f, o, s, l) -> anew.write(uniform, f, o, s, l));
                score(
                        data,
                        rows,
                        Kind.GREEDY_RECALIBRATED,
                        chosen,
                        scratch,
                        (f, o, s, l) -> anew.write(greedy, f, o, s, l));
            }
            return new PaperTable(rows, individual, greedy, List.of(byModel, byTensor));
        }
    }

    private LearnedResult learned(DataSets data, Granularity granularity) throws InterruptedException {
        return LearnedSoup.of(family.ingredients())
                .withOptions(LearnedOptions.defaults().withGranularity(granularity))
                .learn(data.heldOut(), settings, listener);
    }

    /** Writes one soup. */
    private interface Writing {
        Checkpoint write(Path file, WriteOptions options, EngineSettings settings, MixListener listener)
                throws InterruptedException;
    }

    private void score(DataSets data, Map<Kind, Row> rows, Kind kind, int models, ScratchFolder scratch, Writing soup)
            throws InterruptedException {
        Path file = scratch.resolve(kind.name() + ".safetensors");
        Checkpoint written = soup.write(file, WriteOptions.passing(), settings, MixListener.silent());
        rows.put(kind, data.score(kind.title(), models, written));
        scratch.remove(file);
    }
}
