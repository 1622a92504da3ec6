package dev.stockpot.spark;

import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.spark.store.Stores;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceInformation;
import scala.Tuple2;

/** Scores of checkpoints that executors evaluate side by side: what takes most of a search's time. */
public final class SparkSearch {
    private SparkSearch() {}

    /** Opens an evaluator in an executor, such as {@code gpus -> Evaluators.open("worker:./score.py", options)}. */
    @FunctionalInterface
    public interface Opening extends Serializable {
        /** @param gpus the addresses of those that Spark gave the task; none if it asked for none */
        Evaluator open(List<String> gpus) throws InterruptedException;
    }

    /**
     * Scores checkpoints. A task has an evaluator of its own and scores several, one after another; there are as many tasks as
     * executors have slots.
     *
     * @param checkpoints from {@link SparkSoup#open}
     * @return their scores in the order given
     * @throws dev.stockpot.error.SoupException if executors cannot read a checkpoint
     * @throws EvaluationException if one gets no score
     * @throws InterruptedException if the thread is interrupted
     */
    public static List<Scores> score(JavaSparkContext spark, List<Checkpoint> checkpoints, Opening opening)
            throws InterruptedException {
        List<ModelDescription> models =
                new ArrayList<>(checkpoints.stream().map(ModelDescription::of).toList());
        List<Integer> places = new ArrayList<>();
        models.forEach(model -> places.add(places.size()));
        Settings settings = new Settings(spark.hadoopConfiguration());
        int tasks = Math.max(1, Math.min(places.size(), spark.defaultParallelism()));
        Scores[] scores = new Scores[places.size()];
        Failures.told(
                        () -> spark.parallelize(places, tasks)
                                .mapPartitions(some -> scored(some, models, settings, opening))
                                .collect(),
                        (why, details) -> new EvaluationException(Reason.NO_SCORE, why, details))
                .forEach(scored -> scores[scored._1()] = Scores.inOrder(scored._2()));
        return List.of(scores);
    }

    private static Iterator<Tuple2<Integer, LinkedHashMap<String, Double>>> scored(
            Iterator<Integer> places, List<ModelDescription> models, Settings settings, Opening opening)
            throws InterruptedException {
        ResourceInformation gpu = TaskContext.get().resourcesJMap().get("gpu");
        Stores stores = new Stores(settings.configuration());
        List<Tuple2<Integer, LinkedHashMap<String, Double>>> all = new ArrayList<>();
        try (Evaluator evaluator = opening.open(gpu == null ? List.of() : List.of(gpu.addresses()))) {
            while (places.hasNext()) {
                int place = places.next();
                Checkpoint checkpoint = models.get(place).checkpoint(stores);
                Scores found = Stockpot.evaluate(List.of(checkpoint), evaluator).get(0);
                all.add(new Tuple2<>(place, new LinkedHashMap<>(found.metrics())));
            }
        }
        return all.iterator();
    }
}
