package dev.stockpot.large;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Concern;
import dev.stockpot.run.Run;
import dev.stockpot.soup.GreedySoup;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models at the limits: of tensors, names and dimensions. */
class LargeModelsTest {
    /** Empty tensors are meant here. */
    private static final Run WITH_EMPTY =
            Run.builder().allow(Set.of(Concern.PLACEHOLDERS)).build();

    private static final List<String> OUTPUTS = List.of("soup.safetensors", "soup.pt", "soup");

    @TempDir
    Path folder;

    /** Model k of many: tensor t has t % 4 elements, each k + t. */
    private Checkpoint manyTensors(int tensors, int k) throws IOException {
        Map<String, Tensor> model = new LinkedHashMap<>();
        for (int t = 0; t < tensors; t++) {
            double[] values = new double[t % 4];
            Arrays.fill(values, k + t);
            model.put("layer." + t + ".weight", Tensor.f32("[" + values.length + "]", values));
        }
        return Checkpoint.open(TestFiles.write(folder.resolve("many-" + k + ".safetensors"), model));
    }

    private static void assertMany(Checkpoint soup, int tensors, float mean) throws IOException {
        assertEquals(tensors, soup.tensors().size());
        for (int t = 0; t < tensors; t += t < tensors - 1000 ? 997 : 1) {
            float[] expected = new float[t % 4];
            Arrays.fill(expected, mean + t);
            assertArrayEquals(expected, soup.floats("layer." + t + ".weight"));
        }
    }

    @Test
    void twoHundredThousandTensors() throws Exception {
        int tensors = 200_000;
        List<Checkpoint> models = List.of(manyTensors(tensors, 1), manyTensors(tensors, 5));
        Checkpoint soup = UniformSoup.of(models).write(folder.resolve("soup.safetensors"), WITH_EMPTY);
        assertMany(soup, tensors, 3);
        StockpotProcess.Ended inspected =
                new StockpotProcess(folder, "", List.of("-Xmx256m")).run("inspect", "--json", soup.path());
        assertEquals(0, inspected.status(), inspected.errors());
        assertEquals(tensors, inspected.out().split("\"shape\"", -1).length - 1);
        Path torch = folder.resolve("soup.pt");
        Stockpot.convert(soup, torch, WriteOptions.defaults(), WITH_EMPTY);
        Path back = folder.resolve("back.safetensors");
        Stockpot.convert(Checkpoint.open(torch), back, WriteOptions.defaults(), WITH_EMPTY);
        assertTrue(Stockpot.compare(soup, Checkpoint.open(back), Run.defaults()).equal());
        assertEquals(
                models,
                GreedySoup.of(models)
                        .search(new Rising(), WITH_EMPTY, SearchListener.silent())
                        .soup()
                        .ingredients()
                        .stream()
                        .sorted(Comparator.comparing(Checkpoint::toString))
                        .toList());
    }

    /** Scores every candidate higher than the one before, so that a greedy soup takes all. */
    private static final class Rising implements Evaluator {
        private int scored;

        @Override
        public String identity() {
            return "rising";
        }

        @Override
        public Scores evaluate(Candidate candidate) throws InterruptedException {
            assertEquals(200_000, candidate.tensors().size());
            candidate.mixInto(Map.of("layer.3.weight", TensorMemory.of(ByteBuffer.allocate(12))));
            return Scores.of("score", scored++);
        }

        @Override
        public void close() {}
    }

    private void assertSoups(Checkpoint a, Checkpoint b, Map<String, float[]> means) throws InterruptedException {
        for (String name : OUTPUTS) {
            UniformSoup.of(List.of(a, b)).write(folder.resolve(name));
            Checkpoint soup = Checkpoint.open(folder.resolve(name));
            assertEquals(a.tensors().keySet(), soup.tensors().keySet(), name);
            means.forEach((tensor, mean) -> {
                assertEquals(a.tensor(tensor).shape(), soup.tensor(tensor).shape());
                assertArrayEquals(mean, soup.floats(tensor));
            });
        }
    }

    @Test
    void namesOfTenThousandCharacters() throws Exception {
        Map<String, Tensor> a = new LinkedHashMap<>();
        Map<String, Tensor> b = new LinkedHashMap<>();
        Map<String, float[]> means = new LinkedHashMap<>();
        for (String part : List.of("x", "layer.", "\u00e9", "\u6f22", "\ud83c\udf72")) {
            String name = part.repeat(10_000 / part.length());
            a.put(name, Tensor.f32("[1]", 1));
            b.put(name, Tensor.f32("[1]", 2));
            means.put(name, new float[] {1.5f});
        }
        assertSoups(
                Checkpoint.open(TestFiles.write(folder.resolve("a.safetensors"), a)),
                Checkpoint.open(TestFiles.write(folder.resolve("b.safetensors"), b)),
                means);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32, 64})
    void tensorsOfAnyRank(int rank) throws Exception {
        List<Long> shape = new ArrayList<>(Collections.nCopies(rank, 1L));
        float[] values = {4};
        if (rank > 0) {
            shape.set(rank / 2, 3L);
            values = new float[] {4, 5, 6};
        }
        float[] more = values.clone();
        for (int i = 0; i < more.length; i++) {
            more[i] += 1;
        }
        float[] mean = values.clone();
        for (int i = 0; i < mean.length; i++) {
            mean[i] += 0.5f;
        }
        assertSoups(
                Checkpoint.inMemory("a").put("w", shape, values).build(),
                Checkpoint.inMemory("b").put("w", shape, more).build(),
                Map.of("w", mean));
    }

    @Test
    void emptyTensorsAndEmptyModels() throws Exception {
        Checkpoint a = Checkpoint.inMemory("a")
                .put("none", List.of(0L))
                .put("w", List.of(2L), 1, 2)
                .put("nothing", List.of(3L, 0L, 5L))
                .put("scalar", List.of(), 7)
                .put("end", List.of(7L, 0L))
                .build();
        assertSoups(
                a,
                a,
                Map.of("none", new float[0], "w", new float[] {1, 2}, "nothing", new float[0], "end", new float[0]));
        for (String name : OUTPUTS) {
            Checkpoint none = Checkpoint.inMemory("b").put("e", List.of(0L)).build();
            Path out = folder.resolve("empty " + name);
            UniformSoup.of(List.of(none, none)).write(out, WITH_EMPTY);
            assertEquals(List.of(0L), Checkpoint.open(out).tensor("e").shape());
        }
    }
}
