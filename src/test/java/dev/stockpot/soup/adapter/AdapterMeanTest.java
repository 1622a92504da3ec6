package dev.stockpot.soup.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.adapter.TestAdapters;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.error.StockpotException;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.soup.options.AdapterWay;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.tensor.DType;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Averages of adapters: the sum of the changes, without any rounding where that can be. */
class AdapterMeanTest {
    private static final int OUTPUTS = 5;
    private static final int INPUTS = 7;

    @TempDir
    Path folder;

    private final Random random = new Random(2);
    private final List<Checkpoint> adapters = new ArrayList<>();
    private final List<Map<String, Tensor>> factors = new ArrayList<>();

    private void add(String settings, int rank, DType dtype, String... modules) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String module : modules) {
            tensors.putAll(TestAdapters.linear(module, OUTPUTS, INPUTS, rank, dtype, random));
        }
        Path path = TestAdapters.write(folder.resolve("adapter" + adapters.size()), settings, tensors);
        adapters.add(Checkpoint.open(path));
        factors.add(tensors);
    }

    /** An element of B A, exactly. */
    private static BigDecimal product(double[] a, double[] b, int i, int j) {
        int rank = b.length / OUTPUTS;
        BigDecimal sum = BigDecimal.ZERO;
        for (int k = 0; k < rank; k++) {
            sum = sum.add(new BigDecimal(b[i * rank + k]).multiply(new BigDecimal(a[k * INPUTS + j])));
        }
        return sum;
    }

    /** Checks that the change of an average is the weighted sum of the adapters' changes, exactly, times {@code divisor}. */
    private void assertExact(Checkpoint mean, String module, double alphaOverRank, double... weights) {
        String a = TestAdapters.PREFIX + module + ".lora_A.weight";
        String b = TestAdapters.PREFIX + module + ".lora_B.weight";
        for (int i = 0; i < OUTPUTS; i++) {
            for (int j = 0; j < INPUTS; j++) {
                BigDecimal expected = BigDecimal.ZERO;
                for (int n = 0; n < weights.length; n++) {
                    if (factors.get(n).containsKey(a)) {
                        BigDecimal change = product(
                                TestAdapters.values(factors.get(n).get(a)),
                                TestAdapters.values(factors.get(n).get(b)),
                                i,
                                j);
                        expected = expected.add(change.multiply(new BigDecimal(weights[n])));
                    }
                }
                BigDecimal found =
                        product(mean.doubles(a), mean.doubles(b), i, j).multiply(new BigDecimal(alphaOverRank));
                assertEquals(0, expected.compareTo(found), () -> module + " is not exact");
            }
        }
    }

    private Map<?, ?> settings(String name) throws IOException {
        return (Map<?, ?>) JsonValues.read(Files.readString(folder.resolve(name + "/adapter_config.json")));
    }

    /** Of the average, whose rank is another, the scale is alpha by rank, not by its square root. */
    @Test
    void anAverageOfRankStabilizedAdaptersIsNoneItself() throws Exception {
        for (int k = 0; k < 2; k++) {
            add("'r': 4, 'lora_alpha': 8, 'use_rslora': true, 'target_modules': ['m']", 4, DType.F32, "m");
        }
        Checkpoint mean = UniformSoup.of(adapters).write(folder.resolve("mean"));
        Map<?, ?> settings = settings("mean");
        assertEquals(false, settings.get("use_rslora"));
        double scale = (Double) settings.get("lora_alpha") / (Double) settings.get("r");
        // Half of 8 / sqrt(4), twice.
        assertExact(mean, "m", scale, 2, 2);
    }

    @ParameterizedTest
    @CsvSource({"F32", "BF16", "F16"})
    void theChangesOfEqualAdaptersAddUpExactly(DType dtype) throws Exception {
        for (int k = 0; k < 3; k++) {
            add("'r': 2, 'lora_alpha': 6, 'target_modules': ['m', 'n']", 2, dtype, "m", "n");
        }
        Checkpoint mean = UniformSoup.of(adapters).write(folder.resolve("mean"));
        // Each scale is 3, and a third of that is 6 / 6.
        assertExact(mean, "m", 1, 1, 1, 1);
        assertExact(mean, "n", 1, 1, 1, 1);
        Map<?, ?> settings = settings("mean");
        assertEquals(6.0, settings.get("r"));
        assertEquals(6.0, settings.get("lora_alpha"));
        assertEquals(List.of("m", "n"), settings.get("target_modules"));
        assertEquals(dtype, mean.tensor(TestAdapters.PREFIX + "m.lora_B.weight").dtype());
        assertEquals(
                "adapter_model.safetensors",
                mean.files().get(0).file().getFileName().toString());
    }

    @Test
    void sharesThatDifferByPowersOfTwoKeepEveryBit() throws Exception {
        add("'r': 2, 'lora_alpha': 2", 2, DType.BF16, "m");
        add("'r': 1, 'lora_alpha': 4", 1, DType.BF16, "m");
        add("'r': 3, 'lora_alpha': 12", 3, DType.BF16, "m");
        Checkpoint mean = UniformSoup.of(adapters).withWeights(4, 2, 2).write(folder.resolve("mean"));
        // The shares are 4/8, 4 * 2/8 and 4 * 2/8.
        assertExact(mean, "m", 0.5, 0.5, 1, 1);
        assertEquals(3.0, settings("mean").get("lora_alpha"));
        assertEquals(
                DType.BF16, mean.tensor(TestAdapters.PREFIX + "m.lora_B.weight").dtype());
    }

    @Test
    void othersAreWidened() throws Exception {
        add("'r': 2, 'lora_alpha': 2", 2, DType.BF16, "m");
        add("'r': 2, 'lora_alpha': 2", 2, DType.BF16, "m");
        Checkpoint mean =
                UniformSoup.of(adapters).withWeights(3, 1).withoutNormalizing().write(folder.resolve("mean"));
        assertExact(mean, "m", 1, 3, 1);
        assertEquals(
                DType.F32, mean.tensor(TestAdapters.PREFIX + "m.lora_B.weight").dtype());
        assertEquals(
                DType.BF16, mean.tensor(TestAdapters.PREFIX + "m.lora_A.weight").dtype());
        Checkpoint asked =
                UniformSoup.of(adapters).withWeights(3, 1).withDType(DType.F16).write(folder.resolve("f16"));
        asked.tensors().values().forEach(tensor -> assertEquals(DType.F16, tensor.dtype()));
    }

    @Test
    void oneThatDoesNotCountTakesNoRank() throws Exception {
        add("'r': 2, 'lora_alpha': 2", 2, DType.F32, "m");
        add("'r': 3, 'lora_alpha': 3", 3, DType.F32, "m");
        Checkpoint mean = UniformSoup.of(adapters).withWeights(0, 1).write(folder.resolve("mean"));
        assertExact(mean, "m", 1, 0, 1);
        assertEquals(3.0, settings("mean").get("r"));
        SoupException e = assertThrows(
                SoupException.class,
                () -> UniformSoup.of(adapters).withWeights(1, -1).write(folder.resolve("none")));
        assertEquals(Reason.ZERO_WEIGHTS, e.reason());
    }

    @Test
    void modulesThatSomeLackAreListedOrCountAsUnchanged() throws Exception {
        add("'r': 2, 'lora_alpha': 2, 'target_modules': ['m', 'n']", 2, DType.F32, "x.m", "x.n");
        add("'r': 2, 'lora_alpha': 2, 'target_modules': ['m', 'o']", 2, DType.F32, "x.m", "x.o");
        UniformSoup soup = UniformSoup.of(adapters);
        SoupException e = assertThrows(SoupException.class, () -> soup.write(folder.resolve("none")));
        assertEquals(Reason.NAMES_DIFFER, e.reason());
        assertEquals(List.of("skip", "keep"), e.choices());
        assertTrue(e.getMessage().contains("x.n only in " + adapters.get(0).path()), e.getMessage());
        assertTrue(e.getMessage().contains("x.o only in " + adapters.get(1).path()), e.getMessage());
        Checkpoint kept = soup.withOnMissing(OnMissing.KEEP).write(folder.resolve("kept"));
        assertExact(kept, "x.m", 0.5, 0.5, 0.5);
        assertExact(kept, "x.n", 0.5, 0.5, 0.5);
        Map<?, ?> settings = settings("kept");
        assertEquals(List.of("x.m", "x.n", "x.o"), settings.get("target_modules"));
        // Most have rank 2.
        assertEquals(2.0, settings.get("r"));
        assertEquals(Map.of("^x\\.m", 4.0), settings.get("rank_pattern"));
        assertEquals(Map.of("^x\\.m", 2.0), settings.get("alpha_pattern"));
        Checkpoint common = soup.withOnMissing(OnMissing.SKIP).write(folder.resolve("common"));
        assertEquals(2, common.tensors().size());
    }

    @Test
    void adaptersOfOtherModelsAreTold() throws Exception {
        add("'r': 2", 2, DType.F32, "m");
        Path other = TestAdapters.write(
                folder.resolve("other"), "'r': 2", TestAdapters.linear("m", OUTPUTS + 1, INPUTS, 2, DType.F32, random));
        adapters.add(Checkpoint.open(other));
        StockpotException e = assertThrows(
                StockpotException.class, () -> UniformSoup.of(adapters).write(folder.resolve("none")));
        assertEquals(Reason.SHAPES_DIFFER, e.reason());
        assertTrue(e.getMessage().contains("module m has factors [5, 2] and [2, 7]"), e.getMessage());
    }

    @Test
    void factorsAreAveragedApartOnlyIfAsked() throws Exception {
        add("'r': 2, 'lora_alpha': 2", 2, DType.F32, "m");
        add("'r': 2, 'lora_alpha': 2", 2, DType.F32, "m");
        MatchOptions apart = MatchOptions.builder().adapters(AdapterWay.FACTORS).build();
        Checkpoint mean = UniformSoup.of(adapters).withMatching(apart).write(folder.resolve("mean"));
        String a = TestAdapters.PREFIX + "m.lora_A.weight";
        double[] first = TestAdapters.values(factors.get(0).get(a));
        double[] second = TestAdapters.values(factors.get(1).get(a));
        double[] expected = new double[first.length];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (float) ((first[i] + second[i]) / 2);
        }
        assertArrayEquals(expected, mean.doubles(a));
        assertEquals("factors", mean.metadata().get("soup.adapters"));
    }

    @ParameterizedTest
    @CsvSource({"1", "3", "5"})
    void aReducedAverageIsTheNearestOfItsRank(int rank) throws Exception {
        for (int k = 0; k < 4; k++) {
            add("'r': 2, 'lora_alpha': " + (k + 1), 2, DType.F32, "m");
        }
        UniformSoup soup = UniformSoup.of(adapters)
                .withMatching(MatchOptions.builder().rank(rank).build())
                .withDType(DType.F64);
        Checkpoint mean = soup.write(folder.resolve("mean"));
        double[][] exact = new double[OUTPUTS][INPUTS];
        String a = TestAdapters.PREFIX + "m.lora_A.weight";
        String b = TestAdapters.PREFIX + "m.lora_B.weight";
        double[][] found = new double[OUTPUTS][INPUTS];
        for (int i = 0; i < OUTPUTS; i++) {
            for (int j = 0; j < INPUTS; j++) {
                for (int k = 0; k < 4; k++) {
                    BigDecimal change = product(
                            TestAdapters.values(factors.get(k).get(a)),
                            TestAdapters.values(factors.get(k).get(b)),
                            i,
                            j);
                    exact[i][j] += change.round(MathContext.DECIMAL64).doubleValue() * (k + 1) / 2 / 4;
                }
                found[i][j] = product(mean.doubles(a), mean.doubles(b), i, j).doubleValue();
            }
        }
        var svd = new org.apache.commons.math3.linear.SingularValueDecomposition(
                new org.apache.commons.math3.linear.Array2DRowRealMatrix(exact));
        double[] values = svd.getSingularValues();
        double all = 0;
        double kept = 0;
        for (int k = 0; k < values.length; k++) {
            all += values[k] * values[k];
            kept += k < rank ? values[k] * values[k] : 0;
        }
        for (int i = 0; i < OUTPUTS; i++) {
            for (int j = 0; j < INPUTS; j++) {
                double nearest = 0;
                for (int k = 0; k < rank; k++) {
                    nearest +=
                            values[k] * svd.getU().getEntry(i, k) * svd.getV().getEntry(j, k);
                }
                assertEquals(nearest, found[i][j], 1e-13 * values[0]);
            }
        }
        assertEquals(kept / all, soup.ranks().kept(), 1e-13);
        assertEquals("m", soup.ranks().modules().get(0).name());
        assertEquals(8, soup.ranks().modules().get(0).ranks());
        assertEquals((double) rank, settings("mean").get("r"));
        assertEquals((double) rank, settings("mean").get("lora_alpha"));
    }
}
