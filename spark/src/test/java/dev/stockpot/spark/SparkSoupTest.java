package dev.stockpot.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Evaluators;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Setting;
import dev.stockpot.run.Concern;
import dev.stockpot.run.Run;
import dev.stockpot.soup.MergedModel;
import dev.stockpot.soup.Soup;
import dev.stockpot.soup.SoupFiles;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.soup.options.MergeOptions;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Soups from and to a store, compared with those of one machine. Each task may fail twice. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SparkSoupTest {
    private static final List<String> NAMES = List.of("a", "b", "c");

    private Path folder;
    private JavaSparkContext spark;
    private String root;
    private final List<String> stored = new ArrayList<>();
    private final List<Checkpoint> local = new ArrayList<>();

    /** Starts the store, and says what names in it begin with. */
    abstract String start(Path files, Configuration configuration) throws Exception;

    /** Ends what was started. */
    void stop() throws Exception {}

    @BeforeAll
    void store(@TempDir Path all) throws Exception {
        folder = all;
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[2,3]")
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1"));
        root = start(Files.createDirectory(folder.resolve("store")), spark.hadoopConfiguration());
        for (int k = 0; k < NAMES.size(); k++) {
            Path model = Models.write(folder.resolve(NAMES.get(k)), k);
            local.add(Checkpoint.open(model));
            stored.add(root + NAMES.get(k));
            put(model, NAMES.get(k));
        }
    }

    @AfterAll
    void end() throws Exception {
        spark.close();
        stop();
    }

    private FileSystem system() throws IOException {
        return new org.apache.hadoop.fs.Path(root).getFileSystem(spark.hadoopConfiguration());
    }

    private void put(Path model, String name) throws IOException {
        for (Map.Entry<String, byte[]> file : Models.in(model).entrySet()) {
            try (var out = system().create(new org.apache.hadoop.fs.Path(root + name + "/" + file.getKey()), true)) {
                out.write(file.getValue());
            }
        }
    }

    /** Every file in a folder and below, by its path; none if there is no such folder. */
    private Map<String, byte[]> output(String name) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        org.apache.hadoop.fs.Path output = new org.apache.hadoop.fs.Path(root + name);
        if (system().exists(output)) {
            RemoteIterator<LocatedFileStatus> all = system().listFiles(output, true);
            while (all.hasNext()) {
                org.apache.hadoop.fs.Path file = all.next().getPath();
                try (var in = system().open(file)) {
                    files.put(output.toUri().relativize(file.toUri()).getPath(), in.readAllBytes());
                }
            }
        }
        return files;
    }

    private Map<String, byte[]> onOneMachine(Soup soup, String name) throws Exception {
        soup.write(folder.resolve(name), Models.SHARDS, Run.defaults());
        Map<String, byte[]> files = Models.in(folder.resolve(name));
        assertTrue(files.size() > 6, files.keySet().toString());
        return files;
    }

    @Test
    void aUniformSoupHasTheBytesOfOneMachine() throws Exception {
        SparkSoup.uniform(spark, stored).write(root + "uniform", Models.SHARDS, Run.defaults());
        Models.assertSame(onOneMachine(UniformSoup.of(local), "uniform"), output("uniform"));
    }

    @Test
    void aWeightedSoupHasTheBytesOfOneMachine() throws Exception {
        SparkSoup.weighted(spark, stored, 1, 2, 0.5).write(root + "weighted", Models.SHARDS, Run.defaults());
        Models.assertSame(onOneMachine(UniformSoup.of(local).withWeights(1, 2, 0.5), "weighted"), output("weighted"));
    }

    /** Half precision does not hold sums of a hundred thousand times the values. */
    @Test
    void whatTheCallerAllowsTheTasksAllow() throws Exception {
        UniformSoup large = UniformSoup.of(SparkSoup.open(spark, stored))
                .withWeights(1e5, 1, 1)
                .withoutNormalizing();
        SparkSoup soup = SparkSoup.of(spark, large.withDType(DType.F16));
        assertThrows(SoupException.class, () -> soup.write(root + "refused", Models.SHARDS, Run.defaults()));
        Run allowing = Run.builder().allow(Set.of(Concern.NON_FINITE)).build();
        soup.write(root + "allowed", Models.SHARDS, allowing);
        UniformSoup same = UniformSoup.of(local)
                .withWeights(1e5, 1, 1)
                .withoutNormalizing()
                .withDType(DType.F16);
        same.write(folder.resolve("allowed"), Models.SHARDS, allowing);
        Models.assertSame(Models.in(folder.resolve("allowed")), output("allowed"));
    }

    @Test
    void aMergeHasTheBytesOfOneMachine() throws Exception {
        Recipe ties = Recipe.of(
                "dare_ties",
                Optional.of("a"),
                List.of(Recipe.Source.of("b"), Recipe.Source.of("c")),
                Map.of("density", new Setting.Constant(0.4), "weight", new Setting.Constant(0.7)));
        Map<String, String> names = Map.of("a", stored.get(0), "b", stored.get(1), "c", stored.get(2));
        MergeOptions options = MergeOptions.defaults().withSeed(7);
        SparkSoup.merge(spark, ties, names, options).write(root + "merge", Models.SHARDS, Run.defaults());
        MergedModel expected = MergedModel.of(ties, name -> local.get(NAMES.indexOf(name)), options);
        Models.assertSame(onOneMachine(expected, "merge"), output("merge"));
    }

    /** Fails at its first attempt, once the file is written. */
    private static FileMaker failingOnce(FileMaker maker) {
        return (file, out, configuration) -> {
            maker.write(file, out, configuration);
            if (file == 1 && TaskContext.get().attemptNumber() == 0) {
                throw new IOException("fails after its write");
            }
        };
    }

    @Test
    void aTaskThatFailsAfterItsWriteLeavesNothingOfTheAttempt() throws Exception {
        SoupFiles files = UniformSoup.of(local).files(Models.SHARDS);
        OutputFolder output = OutputFolder.create(root + "retried", spark.hadoopConfiguration());
        FileMaker wrong = (file, out, configuration) -> {
            out.write(TaskContext.get().attemptNumber() + 1);
            out.write(new byte[6_000_000]);
        };
        output.runJob(spark, files.weights(), failingOnce(wrong));
        Map<String, byte[]> written = output("retried");
        assertEquals(files.weights().stream().map(SoupFiles.Weights::name).toList(), List.copyOf(written.keySet()));
        int k = 0;
        for (byte[] content : written.values()) {
            assertEquals(k++ == 1 ? 2 : 1, content[0]);
            assertEquals(6_000_001, content.length);
        }
        CheckpointException e = assertThrows(CheckpointException.class, () -> output.check(files.weights()));
        assertTrue(e.getMessage().contains("is not complete: model-00001"), e.getMessage());
    }

    @Test
    void aTaskThatAlwaysFailsLeavesNoOutput() throws Exception {
        SoupFiles files = UniformSoup.of(local).files(Models.SHARDS);
        OutputFolder output = OutputFolder.create(root + "failed", spark.hadoopConfiguration());
        FileMaker failing = (file, out, configuration) -> {
            out.write(1);
            if (file == 2) {
                throw new CheckpointException(Reason.CHANGED, Path.of("x"), "changed");
            }
        };
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> output.runJob(spark, files.weights(), failing));
        assertEquals(Reason.CHANGED, e.reason());
        assertEquals(Map.of(), output("failed"));
    }

    @Test
    void anIngredientThatChangesBeforeTheTasksReadItIsAnError() throws Exception {
        put(folder.resolve("b"), "changing");
        SparkSoup soup = SparkSoup.uniform(spark, List.of(stored.get(0), root + "changing"));
        CheckpointException e = assertThrows(
                CheckpointException.class,
                () -> soup.write(root + "changed", Models.SHARDS, Run.defaults(), maker -> {
                    try {
                        // The same lengths, other values.
                        put(folder.resolve("c"), "changing");
                    } catch (IOException failure) {
                        throw new UncheckedIOException(failure);
                    }
                    return maker;
                }));
        assertEquals(Reason.CHANGED, e.reason(), e.getMessage());
        assertTrue(e.getMessage().contains("changing/model-000"), e.getMessage());
        assertEquals(Map.of(), output("changed"));
    }

    /** Scores the first value of a tensor. */
    private static Scores firstValue(Candidate candidate) throws InterruptedException {
        ByteBuffer values = ByteBuffer.allocate(
                        (int) candidate.tensors().get("layers.3.weight").bytes())
                .order(ByteOrder.LITTLE_ENDIAN);
        candidate.mixInto(Map.of("layers.3.weight", TensorMemory.of(values)));
        return Scores.of("first", values.getFloat(0));
    }

    @Test
    void scoresAreThoseOfOneMachine() throws Exception {
        List<Scores> scores = SparkSearch.score(
                spark,
                SparkSoup.open(spark, stored),
                gpus -> Evaluators.of("first", candidate -> firstValue(candidate)));
        assertEquals(
                local.stream()
                        .map(model -> Scores.of("first", model.floats("layers.3.weight")[0]))
                        .toList(),
                scores);
    }

    @Test
    void anOutputThatExistsIsAnErrorAndStays() throws Exception {
        CheckpointException e = assertThrows(
                CheckpointException.class,
                () -> SparkSoup.uniform(spark, stored).write(root + "a", Models.SHARDS, Run.defaults()));
        assertEquals(Reason.EXISTS, e.reason());
        Models.assertSame(Models.in(folder.resolve("a")), output("a"));
    }

    @Test
    void anIngredientThatIsMissingIsAnErrorThatNamesIt() {
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> SparkSoup.uniform(spark, List.of(root + "missing")));
        assertEquals(Reason.NOT_FOUND, e.reason());
        assertTrue(e.getMessage().contains(root + "missing") || root.startsWith("file:"), e.getMessage());
    }
}
