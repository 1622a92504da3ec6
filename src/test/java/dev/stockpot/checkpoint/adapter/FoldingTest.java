package dev.stockpot.checkpoint.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Adapter;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.run.Run;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters folded into their bases: which tensors change, and to what. */
class FoldingTest {
    private static final String SETTINGS = "'r': 2, 'lora_alpha': 3";

    @TempDir
    Path folder;

    private final Random random = new Random(5);
    private final Map<String, Tensor> base = new LinkedHashMap<>();

    /** A base of two linear layers [6, 4], one of them with a bias, and an adapter of the first. */
    private Map<String, Tensor> adapter(DType dtype) {
        base.put("model.a.weight", TestAdapters.numbers(dtype, random, 6, 4));
        base.put("model.a.bias", TestAdapters.numbers(dtype, random, 6));
        base.put("model.b.weight", TestAdapters.numbers(dtype, random, 6, 4));
        return TestAdapters.linear("model.a", 6, 4, 2, dtype, random);
    }

    private Path written() throws IOException {
        return TestFiles.write(folder.resolve("base.safetensors"), base);
    }

    private Checkpoint folded(String settings, Map<String, Tensor> tensors) throws IOException {
        Path adapter = TestAdapters.write(folder.resolve("adapter"), settings, tensors);
        return Checkpoint.open(Path.of(written() + "+" + adapter));
    }

    private static byte[] bytes(Checkpoint checkpoint, String name) {
        ByteBuffer bytes = ByteBuffer.allocate((int) checkpoint.tensor(name).bytes());
        checkpoint.read(name, bytes);
        return bytes.array();
    }

    private static byte[] expected(Tensor weights, Map<String, Tensor> factors, String module, double scale) {
        Tensor a = factors.get(TestAdapters.PREFIX + module + ".lora_A.weight");
        Tensor b = factors.get(TestAdapters.PREFIX + module + ".lora_B.weight");
        int rank = Integer.parseInt(a.shape().substring(1, a.shape().indexOf(',')));
        return TestAdapters.folded(
                TestAdapters.values(weights),
                TestAdapters.values(a),
                TestAdapters.values(b),
                rank,
                scale,
                weights.dtype());
    }

    @ParameterizedTest
    @CsvSource({"F32", "BF16", "F16", "F64"})
    void aWeightChangesByTheScaledProduct(DType dtype) throws IOException {
        Map<String, Tensor> factors = adapter(dtype);
        Checkpoint folded = folded(SETTINGS, factors);
        assertArrayEquals(
                expected(base.get("model.a.weight"), factors, "model.a", 1.5), bytes(folded, "model.a.weight"));
        assertArrayEquals(base.get("model.b.weight").values(), bytes(folded, "model.b.weight"));
        assertEquals(List.copyOf(base.keySet()), List.copyOf(folded.tensors().keySet()));
        assertEquals("folded", folded.format());
        assertEquals(2, folded.parts().size());
        assertEquals(folder.resolve("base.safetensors"), folded.home());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'r': 2, 'lora_alpha': 3, 'use_rslora': true | 2.1213203435596424",
                "'r': 2, 'lora_alpha': 3, 'alpha_pattern': {'a': 8, 'model.a': 5} | 4",
                "'r': 2, 'lora_alpha': 3, 'alpha_pattern': {'b': 8, '^a': 9, '^model.[ax]': 5} | 2.5",
                "'r': 7, 'lora_alpha': 3, 'rank_pattern': {'del.a': 1, 'model\\\\.a': 2} | 1.5",
                "'r': 7, 'lora_alpha': 3, 'rank_pattern': {'a': 2}, 'alpha_pattern': {'a': 4}, 'use_rslora': true | 2.82842712474619"
            })
    void theScaleIsThatOfTheModule(String settings, double scale) throws IOException {
        Map<String, Tensor> factors = adapter(DType.F32);
        assertArrayEquals(
                expected(base.get("model.a.weight"), factors, "model.a", scale),
                bytes(folded(settings, factors), "model.a.weight"));
    }

    @Test
    void convertingWritesTheSameValuesAndRoundsOnce() throws Exception {
        Map<String, Tensor> factors = adapter(DType.BF16);
        Checkpoint folded = folded(SETTINGS, factors);
        Checkpoint same =
                Stockpot.convert(folded, folder.resolve("same.safetensors"), WriteOptions.defaults(), Run.defaults());
        assertArrayEquals(bytes(folded, "model.a.weight"), bytes(same, "model.a.weight"));
        // In a wider type at once, not by way of BF16.
        Checkpoint wide = Adapter.fold(
                Checkpoint.open(folder.resolve("base.safetensors")),
                List.of(Adapter.of(Checkpoint.open(folder.resolve("adapter")))),
                Optional.of(DType.F32));
        Tensor weights = base.get("model.a.weight");
        Tensor f32 = Tensor.f32(weights.shape(), TestAdapters.values(weights));
        assertArrayEquals(expected(f32, factors, "model.a", 1.5), bytes(wide, "model.a.weight"));
    }

    @Test
    void aSoupOfFoldedModelsIsThatOfWrittenOnes() throws Exception {
        Map<String, Tensor> factors = adapter(DType.BF16);
        Path plain = written();
        List<Checkpoint> folded = new ArrayList<>(List.of(Checkpoint.open(plain)));
        List<Checkpoint> written = new ArrayList<>(folded);
        for (int k = 0; k < 2; k++) {
            Path adapter = TestAdapters.write(
                    folder.resolve("adapter" + k),
                    SETTINGS,
                    TestAdapters.linear("model.a", 6, 4, 2, DType.F32, random));
            folded.add(Checkpoint.open(Path.of(plain + "+" + adapter)));
            written.add(Stockpot.convert(
                    folded.get(k + 1), folder.resolve(k + ".safetensors"), WriteOptions.defaults(), Run.defaults()));
        }
        assertEquals(2, factors.size());
        assertArrayEquals(
                bytes(UniformSoup.of(written).write(folder.resolve("a.safetensors")), "model.a.weight"),
                bytes(UniformSoup.of(folded).write(folder.resolve("b.safetensors")), "model.a.weight"));
    }

    @Test
    void whatAnAdapterKeepsWholeTakesThePlaceOfTheBases() throws IOException {
        Map<String, Tensor> tensors = adapter(DType.F32);
        Tensor bias = TestAdapters.numbers(DType.F32, random, 6);
        Tensor other = TestAdapters.numbers(DType.F32, random, 6, 4);
        Tensor head = TestAdapters.numbers(DType.F32, random, 3);
        tensors.put(TestAdapters.PREFIX + "model.a.base_layer.bias", bias);
        tensors.put(TestAdapters.PREFIX + "model.b.modules_to_save.weight", other);
        tensors.put(TestAdapters.PREFIX + "score.weight", head);
        Checkpoint folded = folded(SETTINGS, tensors);
        assertArrayEquals(bias.values(), bytes(folded, "model.a.bias"));
        assertArrayEquals(other.values(), bytes(folded, "model.b.weight"));
        assertArrayEquals(head.values(), bytes(folded, "score.weight"));
        assertTrue(folded.notes().get(0).contains("brings tensors"), folded.notes()::toString);
    }

    @Test
    void biasesOfFactorsAreScaledAndAdded() throws IOException {
        Map<String, Tensor> tensors = adapter(DType.F32);
        Tensor change = TestAdapters.numbers(DType.F32, random, 6);
        tensors.put(TestAdapters.PREFIX + "model.a.lora_B.bias", change);
        double[] before = TestAdapters.values(base.get("model.a.bias"));
        float[] after = folded(SETTINGS, tensors).floats("model.a.bias");
        for (int i = 0; i < 6; i++) {
            assertEquals((float) (before[i] + 1.5 * TestAdapters.values(change)[i]), after[i]);
        }
    }

    @Test
    void convolutionsAreFlatMatrices() throws IOException {
        base.put("conv.weight", TestAdapters.numbers(DType.F32, random, 5, 3, 2, 2));
        Map<String, Tensor> factors = new LinkedHashMap<>();
        factors.put(TestAdapters.PREFIX + "conv.lora_A.weight", TestAdapters.numbers(DType.F32, random, 2, 3, 2, 2));
        factors.put(TestAdapters.PREFIX + "conv.lora_B.weight", TestAdapters.numbers(DType.F32, random, 5, 2, 1, 1));
        assertArrayEquals(
                expected(base.get("conv.weight"), factors, "conv", 1.5),
                bytes(folded(SETTINGS, factors), "conv.weight"));
    }

    @ParameterizedTest
    @CsvSource({
        "h.0.attn, transformer.h.0.attn",
        "transformer.h.0.attn, h.0.attn",
        "language_model.model.l.0.q, model.l.0.q"
    })
    void namesMayLackWhatStandsBeforeThem(String inBase, String inAdapter) throws IOException {
        base.put(inBase + ".weight", TestAdapters.numbers(DType.F32, random, 6, 4));
        Map<String, Tensor> factors = TestAdapters.linear(inAdapter, 6, 4, 2, DType.F32, random);
        assertArrayEquals(
                expected(base.get(inBase + ".weight"), factors, inAdapter, 1.5),
                bytes(folded(SETTINGS, factors), inBase + ".weight"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "model.a, model.c | NAMES_DIFFER | adapts 1 of 2 tensors that",
                "model.c | NAMES_DIFFER | (model.c.weight)",
                "model.a.bias | NAMES_DIFFER | model.a.bias.weight"
            })
    void modulesThatTheBaseLacksAreListed(String modules, Reason reason, String words) throws IOException {
        adapter(DType.F32);
        Map<String, Tensor> factors = new LinkedHashMap<>();
        for (String module : modules.split(", ")) {
            factors.putAll(TestAdapters.linear(module, 6, 4, 2, DType.F32, random));
        }
        assertRefused(reason, words, SETTINGS, factors);
    }

    private void assertRefused(Reason reason, String words, String settings, Map<String, Tensor> tensors) {
        CheckpointException e = assertThrows(CheckpointException.class, () -> folded(settings, tensors));
        assertEquals(reason, e.reason(), e.getMessage());
        assertTrue(e.getMessage().contains(words), e.getMessage());
    }

    @Test
    void anotherBaseIsTold() {
        adapter(DType.F32);
        assertRefused(
                Reason.SHAPES_DIFFER,
                "adapts model.a.weight by 7 x 4 numbers, but the base has model.a.weight of [6, 4]",
                SETTINGS,
                TestAdapters.linear("model.a", 7, 4, 2, DType.F32, random));
        Map<String, Tensor> head = new LinkedHashMap<>(TestAdapters.linear("model.a", 6, 4, 2, DType.F32, random));
        head.put(TestAdapters.PREFIX + "model.b.weight", Tensor.f32("[2]", 1, 2));
        assertRefused(Reason.SHAPES_DIFFER, "but the base has model.b.weight of [6, 4]", SETTINGS, head);
        base.put("model.a.weight", new Tensor(DType.I8, "[6,4]", new byte[24]));
        assertRefused(
                Reason.UNSUPPORTED,
                "model.a.weight as I8",
                SETTINGS,
                TestAdapters.linear("model.a", 6, 4, 2, DType.F32, random));
    }

    @Test
    void aSquareLayerIsTurnedAsTheSettingsSayUnlessTheyAreWrong() throws IOException {
        base.put("s.weight", TestAdapters.numbers(DType.F32, random, 4, 4));
        base.put("t.weight", TestAdapters.numbers(DType.F32, random, 4, 6));
        Map<String, Tensor> factors = TestAdapters.linear("s", 4, 4, 2, DType.F32, random);
        Checkpoint plain = folded(SETTINGS, factors);
        byte[] kept = bytes(plain, "s.weight");
        assertArrayEquals(expected(base.get("s.weight"), factors, "s", 1.5), kept);
        Checkpoint turned = folded(SETTINGS + ", 'fan_in_fan_out': true", factors);
        assertFalse(Arrays.equals(kept, bytes(turned, "s.weight")));
        // t is [inputs, outputs], which the settings deny.
        factors.putAll(TestAdapters.linear("t", 6, 4, 2, DType.F32, random));
        assertRefused(Reason.UNSUPPORTED, "s.weight, which is square", SETTINGS, factors);
        folded(SETTINGS + ", 'fan_in_fan_out': true", factors);
    }

    @Test
    void severalAdaptersAreAddedUpBeforeTheRounding() throws IOException {
        adapter(DType.BF16);
        List<Adapter> adapters = new ArrayList<>();
        Tensor weights = base.get("model.a.weight");
        double[] sums = TestAdapters.values(weights);
        for (int k = 0; k < 2; k++) {
            Map<String, Tensor> factors = TestAdapters.linear("model.a", 6, 4, 2, DType.F32, random);
            Path path = TestAdapters.write(folder.resolve("adapter" + k), SETTINGS, factors);
            adapters.add(Adapter.of(Checkpoint.open(path)).withWeight(0.5 + k));
            Tensor exact = Tensor.f64(weights.shape(), sums);
            sums = TestAdapters.values(
                    new Tensor(DType.F64, weights.shape(), expected(exact, factors, "model.a", (0.5 + k) * 1.5)));
        }
        Checkpoint folded = Adapter.fold(Checkpoint.open(written()), adapters, Optional.empty());
        assertArrayEquals(
                TestAdapters.folded(sums, new double[4], new double[6], 1, 1, DType.BF16),
                bytes(folded, "model.a.weight"));
    }

    @Test
    void aPathWithAPlusIsOpenedIfItIsThere() throws IOException {
        adapter(DType.F32);
        Path plus = TestFiles.write(folder.resolve("a+b.safetensors"), base);
        assertEquals("safetensors", Checkpoint.open(plus).format());
        Path adapter = TestAdapters.write(
                folder.resolve("lo+ra"), SETTINGS, TestAdapters.linear("model.a", 6, 4, 2, DType.F32, random));
        assertEquals(
                List.of(plus, adapter),
                Checkpoint.open(Path.of(plus + "+" + adapter)).parts().stream()
                        .map(Checkpoint::path)
                        .toList());
        for (String missing : List.of(plus + "+" + folder.resolve("none"), folder.resolve("none") + "+" + adapter)) {
            CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(Path.of(missing)));
            assertEquals(Reason.NOT_FOUND, e.reason());
            assertTrue(e.getMessage().startsWith(folder.resolve("none") + ": does not exist"), e.getMessage());
        }
    }
}
