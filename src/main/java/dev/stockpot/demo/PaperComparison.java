package dev.stockpot.demo;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.demo.PaperTable.Kind;
import dev.stockpot.demo.PaperTable.Row;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.StatisticsEstimator;
import dev.stockpot.evaluate.torchscript.RunningStatistics;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.soup.GreedySoup;
import dev.stockpot.soup.LearnedResult;
import dev.stockpot.soup.LearnedSoup;
import dev.stockpot.soup.Soup;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.soup.options.Granularity;
import dev.stockpot.soup.options.GreedyOptions;
import dev.stockpot.soup.options.LearnedOptions;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.system.ScratchFolder;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes every soup of one family and scores it, as well as the best individual model and the ensemble. Only the held-out set
 * decides which model is the best, what the greedy soup keeps and what the learned soups' coefficients are.
 */
public final class PaperComparison {
    private static final WriteOptions PASSING =
            WriteOptions.builder().durable(false).build();

    private final Family family;
    private final Run run;
    private final Run silent;
    private final SearchListener listener;
    private final Map<Kind, Row> rows = new EnumMap<>(Kind.class);

    private PaperComparison(Family family, Run run, SearchListener listener) {
        this.family = family;
        this.run = run;
        this.silent = run.toBuilder().listener(RunListener.silent()).build();
        this.listener = listener;
    }

    /**
     * Runs the comparison. Soups are in a scratch folder while they are scored.
     *
     * @throws dev.stockpot.error.SoupException if the ingredients do not fit together
     * @throws dev.stockpot.error.EvaluationException if a model cannot be scored
     * @throws InterruptedException if the thread is interrupted
     */
    public static PaperTable of(Family family, Run run, SearchListener listener) throws InterruptedException {
        return new PaperComparison(family, run, listener).run();
    }

    private PaperTable run() throws InterruptedException {
        List<Checkpoint> ingredients = family.ingredients();
        // One soup at a time.
        long room = Math.multiplyExact(2, ingredients.get(0).bytes());
        try (DataSets data = new DataSets(family, run);
                ScratchFolder scratch = ScratchFolder.open(Optional.empty(), room)) {
            List<Row> scored = data.scoreEachAndEnsemble(ingredients, Kind.ENSEMBLE.title());
            List<Row> individual = scored.subList(0, ingredients.size());
            Soup uniform = UniformSoup.of(ingredients);
            GreedyResult greedy = GreedySoup.of(ingredients)
                    .withOptions(GreedyOptions.builder().jobs(data.jobs()).build())
                    .search(data.heldOut(), run, listener);
            int best = ingredients.indexOf(greedy.bestIndividual().ingredient());
            rows.put(Kind.BEST_INDIVIDUAL, individual.get(best).titled(Kind.BEST_INDIVIDUAL));
            rows.put(Kind.ENSEMBLE, scored.get(ingredients.size()));
            score(data, Kind.UNIFORM, scratch, uniform);
            score(data, Kind.GREEDY, scratch, greedy.soup());
            LearnedResult byModel = learned(data, Granularity.MODEL);
            score(data, Kind.LEARNED_BY_MODEL, scratch, byModel.soup());
            LearnedResult byTensor = learned(data, Granularity.TENSOR);
            score(data, Kind.LEARNED_BY_TENSOR, scratch, byTensor.soup());
            if (family.training().isPresent()) {
                StatisticsEstimator anew = RunningStatistics.estimator(
                        family.network(),
                        EvaluatorOptions.builder().data(family.training().get()).build());
                score(data, Kind.UNIFORM_RECALIBRATED, scratch, uniform.recalibrated(anew, silent));
                score(data, Kind.GREEDY_RECALIBRATED, scratch, greedy.soup().recalibrated(anew, silent));
            }
            return new PaperTable(rows, individual, greedy, List.of(byModel, byTensor));
        }
    }

    private LearnedResult learned(DataSets data, Granularity granularity) throws InterruptedException {
        return LearnedSoup.of(family.ingredients())
                .withOptions(LearnedOptions.builder().granularity(granularity).build())
                .learn(data.heldOut(), run, listener);
    }

    private void score(DataSets data, Kind kind, ScratchFolder scratch, Soup soup) throws InterruptedException {
        Path file = scratch.resolve(kind.name() + ".safetensors");
        Checkpoint written = soup.write(file, PASSING, silent);
        rows.put(kind, data.score(kind.title(), soup.ingredients().size(), written));
        scratch.remove(file);
    }
}
