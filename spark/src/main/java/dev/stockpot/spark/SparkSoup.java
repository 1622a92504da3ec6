package dev.stockpot.spark;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.run.Run;
import dev.stockpot.soup.MergedModel;
import dev.stockpot.soup.Soup;
import dev.stockpot.soup.SoupFiles;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.soup.options.MergeOptions;
import dev.stockpot.spark.store.Stores;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A soup that executors make: each task reads what one file of the output is made of, from all ingredients, and writes that
 * file. Ingredients and output are named as Hadoop names files, such as {@code hdfs://host/folder} and {@code
 * s3a://bucket/folder}; a {@code file:} is one that all executors have. The files have the bytes of {@link Soup#write} on one
 * machine.
 *
 * <pre>{@code
 * SparkSoup.uniform(spark, List.of("s3a://runs/a", "s3a://runs/b")).write("s3a://soups/ab");
 * }</pre>
 */
public final class SparkSoup {
    private final JavaSparkContext spark;
    private final Soup soup;
    private final Map<String, Checkpoint> models;

    private SparkSoup(JavaSparkContext spark, Soup soup, Map<String, Checkpoint> models) {
        this.spark = spark;
        this.soup = soup;
        this.models = models;
    }

    /**
     * Equal parts of all ingredients.
     *
     * @throws CheckpointException if one cannot be opened
     */
    public static SparkSoup uniform(JavaSparkContext spark, List<String> ingredients) {
        return of(spark, UniformSoup.of(open(spark, ingredients)));
    }

    /**
     * With one weight per ingredient, in order; the weighted sum is divided by the sum of the weights.
     *
     * @throws CheckpointException if one cannot be opened
     * @throws SoupException if there are not as many weights as ingredients, or one is not finite
     */
    public static SparkSoup weighted(JavaSparkContext spark, List<String> ingredients, double... weights) {
        return of(spark, UniformSoup.of(open(spark, ingredients)).withWeights(weights));
    }

    /**
     * A soup with any settings.
     *
     * @param soup of ingredients from {@link #open}
     * @throws SoupException if the ingredients do not fit together
     */
    public static SparkSoup of(JavaSparkContext spark, UniformSoup soup) {
        List<Recipe.Source> names =
                soup.asRecipe().orElseThrow(SparkSoup::notInFiles).models();
        Map<String, Checkpoint> models = new LinkedHashMap<>();
        for (int k = 0; k < names.size(); k++) {
            models.put(names.get(k).model(), soup.ingredients().get(k));
        }
        return new SparkSoup(spark, soup, models);
    }

    /**
     * The merge that a recipe describes.
     *
     * @param models where they are, by their names in the recipe
     * @param options without methods of a program's own
     * @throws CheckpointException if a model cannot be opened
     * @throws SoupException if models, tensors or parameters do not fit the method
     */
    public static SparkSoup merge(
            JavaSparkContext spark, Recipe recipe, Map<String, String> models, MergeOptions options) {
        List<String> names = List.copyOf(recipe.uses());
        List<String> places =
                names.stream().map(name -> models.getOrDefault(name, name)).toList();
        List<Checkpoint> opened = open(spark, places);
        Map<String, Checkpoint> byName = new LinkedHashMap<>();
        for (int k = 0; k < names.size(); k++) {
            byName.put(names.get(k), opened.get(k));
        }
        return new SparkSoup(spark, MergedModel.of(recipe, byName::get, options), byName);
    }

    /**
     * Opens checkpoints: reads their headers, on the driver.
     *
     * @throws CheckpointException if one cannot be opened
     */
    public static List<Checkpoint> open(JavaSparkContext spark, List<String> names) {
        Stores stores = new Stores(spark.hadoopConfiguration());
        return Checkpoint.openAll(names.stream().map(stores::path).toList(), OpenOptions.defaults());
    }

    /** The soup, for what one machine does with it. */
    public Soup soup() {
        return soup;
    }

    /** Writes it; see {@link #write(String, WriteOptions, Run)}. */
    public void write(String out) throws InterruptedException {
        write(out, WriteOptions.defaults(), Run.defaults());
    }

    /**
     * Writes it as a model directory: its weights by a job of one task for each file, then what is beside them by the driver,
     * the index last. Replaces nothing.
     *
     * @param out a name where there is nothing yet
     * @param run its listener hears of the driver's part; executors have threads by {@code spark.task.cpus}
     * @throws SoupException if the ingredients do not fit together, or the soup would be no model worth having
     * @throws CheckpointException if {@code out} exists, or a file cannot be read or written, or has changed: there is no model
     *     at {@code out} then
     * @throws InterruptedException if the thread is interrupted
     */
    public void write(String out, WriteOptions options, Run run) throws InterruptedException {
        write(out, options, run, maker -> maker);
    }

    /** @param tasks makes another task of the one that makes a file */
    void write(String out, WriteOptions options, Run run, UnaryOperator<FileMaker> tasks) throws InterruptedException {
        OutputFolder output = OutputFolder.create(out, spark.hadoopConfiguration());
        SoupFiles files = soup.files(options);
        files.check(run);
        String recipe = files.recipe().orElseThrow(SparkSoup::notInFiles);
        Map<String, ModelDescription> described = new LinkedHashMap<>();
        models.forEach((name, model) -> described.put(name, ModelDescription.of(model)));
        FileMaker task =
                tasks.apply(new SoupTask(recipe, options.maxShardBytes(), new HashSet<>(run.allowed()), described));
        try {
            output.runJob(spark, files.weights(), task);
            output.check(files.weights());
            files.writeRest(output.path(), run, output::write);
        } catch (IOException e) {
            throw CheckpointException.unwritable(output.path(), e);
        }
    }

    private static SoupException notInFiles() {
        return new SoupException(
                Reason.UNSUPPORTED,
                "executors make a soup by its recipe, and this one has none that names all its models",
                Details.of().hint("write it on one machine"));
    }
}
