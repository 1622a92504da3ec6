package dev.stockpot.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.run.Run;
import dev.stockpot.soup.UniformSoup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Soups of executors in processes of their own, two on this machine. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterTest {
    private Path folder;
    private JavaSparkContext spark;
    private UniformSoup soup;
    private Map<String, byte[]> expected;

    @BeforeAll
    void start(@TempDir Path all) throws Exception {
        folder = all;
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
        // surefire's own class path is one jar that names all others.
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local-cluster[2,1,1024]")
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.executor.extraClassPath", classes)
                // Both extract the library to a folder that has none yet.
                .set("spark.executorEnv.XDG_CACHE_HOME", folder.resolve("cache").toString())
                .set("spark.scheduler.minRegisteredResourcesRatio", "1.0")
                .set("spark.scheduler.maxRegisteredResourcesWaitingTime", "60s"));
        List<Checkpoint> models = List.of(
                Checkpoint.open(Models.write(folder.resolve("a"), 1)),
                Checkpoint.open(Models.write(folder.resolve("b"), 2)));
        soup = UniformSoup.of(models);
        soup.write(folder.resolve("expected"), Models.SHARDS, Run.defaults());
        expected = Models.in(folder.resolve("expected"));
    }

    @AfterAll
    void end() {
        spark.close();
    }

    /** Has executors make the soup's weights, by the same tasks as {@link SparkSoup#write}, with more in them. */
    private Map<String, byte[]> written(String name, Meanwhile meanwhile) throws Exception {
        SparkSoup shared = SparkSoup.of(spark, soup);
        shared.write(folder.resolve(name).toUri().toString(), Models.SHARDS, Run.defaults(), maker -> {
            return (file, out, configuration) -> {
                maker.write(file, out, configuration);
                meanwhile.at(file);
            };
        });
        return Models.in(folder.resolve(name));
    }

    /** What a task does once its file is written. */
    private interface Meanwhile extends java.io.Serializable {
        void at(int file) throws IOException;
    }

    @Test
    void theKernelsLoadInEveryExecutor() throws Exception {
        String found = Files.createDirectory(folder.resolve("found")).toString();
        Map<String, byte[]> files = written("soup", file -> {
            String library = Files.readAllLines(Path.of("/proc/self/maps")).stream()
                    .filter(line -> line.contains("jniStockpot"))
                    .findFirst()
                    .orElse("none");
            long process = ProcessHandle.current().pid();
            Files.writeString(Path.of(found, process + "-" + file), library, StandardOpenOption.CREATE_NEW);
        });
        Models.assertSame(expected, files);
        Set<String> processes = new HashSet<>();
        for (Map.Entry<String, byte[]> task : Models.in(Path.of(found)).entrySet()) {
            processes.add(task.getKey().substring(0, task.getKey().indexOf('-')));
            assertTrue(
                    new String(task.getValue()).contains(folder.resolve("cache").toString()), task.getKey());
        }
        assertEquals(2, processes.size(), processes.toString());
        assertFalse(processes.contains(Long.toString(ProcessHandle.current().pid())));
    }

    @Test
    void whatAnExecutorThatIsKilledWasDoingIsDoneElsewhere() throws Exception {
        Path killed = folder.resolve("killed");
        String mark = killed.toString();
        Map<String, byte[]> files = written("soup-of-survivors", file -> {
            if (file == 2 && !Files.exists(Path.of(mark))) {
                String process = Long.toString(ProcessHandle.current().pid());
                Files.writeString(Path.of(mark), process);
                new ProcessBuilder("kill", "-9", process).start();
                try {
                    Thread.sleep(60_000);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        });
        assertTrue(Files.exists(killed));
        Models.assertSame(expected, files);
    }
}
