package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.run.Run;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningMeanTest {
    @TempDir
    Path folder;

    private List<Checkpoint> models(int count) throws IOException {
        Random random = new Random(7);
        List<Checkpoint> models = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            Path file = folder.resolve("model " + k + ".safetensors");
            models.add(Checkpoint.open(TestFiles.write(file, TestFiles.randomModel(random))));
        }
        return models;
    }

    private Checkpoint written(Soup soup, String name) throws InterruptedException {
        return soup.write(folder.resolve(name + ".safetensors"));
    }

    private static void assertSameValues(Checkpoint expected, Checkpoint found) throws IOException {
        assertEquals(expected.tensors().keySet(), found.tensors().keySet());
        byte[] a = Files.readAllBytes(expected.path());
        byte[] b = Files.readAllBytes(found.path());
        int values = (int)
                expected.tensors().values().stream().mapToLong(t -> t.bytes()).sum();
        // The metadata describe different recipes.
        assertArrayEquals(
                java.util.Arrays.copyOfRange(a, a.length - values, a.length),
                java.util.Arrays.copyOfRange(b, b.length - values, b.length));
    }

    /** Uses random bit patterns in every type, including NaN and infinities. */
    @Test
    void aPlainMeanHasTheBitsOfTheUniformSoup() throws Exception {
        List<Checkpoint> models = models(11);
        try (RunningMean mean = RunningMean.plain(models.get(0))) {
            for (int k = 1; k <= models.size(); k++) {
                assertEquals(k, mean.count());
                Checkpoint expected = written(UniformSoup.of(models.subList(0, k)), "uniform " + k);
                assertSameValues(expected, written(mean.soup(), "mean " + k));
                if (k < models.size()) {
                    mean.add(models.get(k));
                }
            }
            assertEquals(OptionalDouble.empty(), mean.decay());
            assertEquals("running mean", mean.soup().recipe().get("soup.recipe"));
            assertEquals("11", mean.soup().recipe().get("soup.ingredients"));
        }
    }

    /** The docs of {@link RunningMean}: {@code mean = decay * mean + (1 - decay) * next}, fused, rounded to F32 each time. */
    @Test
    void anExponentialMeanIsTheFormulasInPlainJava() throws Exception {
        double decay = 0.9;
        Random random = new Random(4);
        double[][] values = new double[5][];
        double[][] wide = new double[5][];
        List<Checkpoint> models = new ArrayList<>();
        for (int k = 0; k < values.length; k++) {
            Map<String, Tensor> model = new LinkedHashMap<>();
            model.put("half", Tensor.bf16("[500]", random.doubles(500, -1, 1).toArray()));
            model.put("double", Tensor.f64("[300]", random.doubles(300, -1, 1).toArray()));
            model.put("step", new Tensor(DType.I64, "[1]", new byte[] {(byte) k, 0, 0, 0, 0, 0, 0, 0}));
            values[k] = model.get("half").decoded();
            wide[k] = model.get("double").decoded();
            models.add(Checkpoint.open(TestFiles.write(folder.resolve(k + ".safetensors"), model)));
        }
        float[] half = new float[500];
        double[] whole = wide[0].clone();
        for (int i = 0; i < half.length; i++) {
            half[i] = (float) values[0][i];
        }
        try (RunningMean mean = RunningMean.exponential(models.get(0), decay)) {
            for (int k = 1; k < models.size(); k++) {
                mean.add(models.get(k));
                for (int i = 0; i < half.length; i++) {
                    half[i] = Math.fma((float) (1 - decay), (float) values[k][i], (float) decay * half[i]);
                }
                for (int i = 0; i < whole.length; i++) {
                    whole[i] = Math.fma(1 - decay, wide[k][i], decay * whole[i]);
                }
            }
            Checkpoint ema = written(mean.soup(), "ema");
            assertArrayEquals(whole, ema.doubles("double"));
            double[] found = ema.doubles("half");
            for (int i = 0; i < half.length; i++) {
                // Written in BF16: rounded to nearest, ties to even.
                assertEquals(toBf16(half[i]), found[i], "element " + i);
            }
            assertEquals(
                    4, Files.readAllBytes(ema.path())[(int) ema.tensor("step").offset()], "from the latest model");
            assertEquals("0.9", mean.soup().recipe().get("soup.decay"));
        }
    }

    private static double toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int rounded = bits + 0x7FFF + (bits >>> 16 & 1);
        return Float.intBitsToFloat(rounded & 0xFFFF0000);
    }

    @Test
    void aSavedMeanGoesOnInTheSameBits() throws Exception {
        List<Checkpoint> models = models(6);
        for (OptionalDouble decay : List.of(OptionalDouble.empty(), OptionalDouble.of(0.75))) {
            Path saved = folder.resolve("mean with a space.safetensors");
            Checkpoint expected;
            try (RunningMean whole = begin(models.get(0), decay)) {
                for (Checkpoint next : models.subList(1, 6)) {
                    whole.add(next);
                }
                expected = written(whole.soup(), "whole " + decay.isPresent());
            }
            try (RunningMean first = begin(models.get(0), decay)) {
                first.add(models.get(1));
                first.save(saved);
                first.add(models.get(2));
                first.save(saved);
            }
            try (RunningMean second = RunningMean.resume(saved)) {
                assertEquals(3, second.count());
                assertEquals(decay, second.decay());
                for (Checkpoint next : models.subList(3, 6)) {
                    second.add(next);
                }
                Checkpoint found = written(second.soup(), "resumed " + decay.isPresent());
                assertSameValues(expected, found);
                assertEquals(expected.metadata(), found.metadata());
            }
        }
    }

    private static RunningMean begin(Checkpoint first, OptionalDouble decay) throws InterruptedException {
        return decay.isPresent() ? RunningMean.exponential(first, decay.getAsDouble()) : RunningMean.plain(first);
    }

    /**
     * The numbers contract divides F32 sums in F32. With so many models that a sum between two F16 numbers takes more bits than
     * F32 has, a quotient that was not rounded to F32 first would be rounded to another F16.
     */
    @Test
    void aMeanOfThousandsIsRoundedToF32First() throws Exception {
        int count = 8195;
        float[] sums = new float[1024];
        for (int i = 0; i < sums.length; i++) {
            float between = (2049 + 2 * (i / 2)) / 2048f;
            float sum = (float) ((double) count * between);
            sums[i] = i % 2 == 0 ? sum : Math.nextUp(sum);
        }
        Checkpoint state = Checkpoint.inMemory("state")
                .put("w", List.of((long) sums.length), sums)
                .metadata(Map.of("stockpot.count", Integer.toString(count), "stockpot.dtypes", "F16"))
                .build();
        Path saved = folder.resolve("saved.safetensors");
        Stockpot.convert(state, saved, WriteOptions.defaults(), Run.defaults());
        int twice = 0;
        try (RunningMean mean = RunningMean.resume(saved)) {
            float[] found = mean.soup().floats("w");
            for (int i = 0; i < sums.length; i++) {
                float quotient = sums[i] / count;
                assertEquals(Math.rint(quotient * 1024.0) / 1024, found[i], "element " + i);
                double exact = (double) sums[i] / count;
                twice += Math.rint(exact * 1024) != Math.rint(quotient * 1024.0) ? 1 : 0;
            }
        }
        assertTrue(twice > 50, "only " + twice + " differ");
    }

    @Test
    void whatDoesNotFitIsRefusedAndChangesNothing() throws Exception {
        Checkpoint first =
                Checkpoint.inMemory("first").put("w", List.of(2L), 1, 2).build();
        try (RunningMean mean = RunningMean.plain(first)) {
            Checkpoint named =
                    Checkpoint.inMemory("b").put("v", List.of(2L), 1, 2).build();
            assertEquals(
                    Reason.NAMES_DIFFER,
                    assertThrows(SoupException.class, () -> mean.add(named)).reason());
            Checkpoint shaped =
                    Checkpoint.inMemory("c").put("w", List.of(1L), 1).build();
            assertEquals(
                    Reason.SHAPES_DIFFER,
                    assertThrows(SoupException.class, () -> mean.add(shaped)).reason());
            Checkpoint typed = Checkpoint.open(
                    TestFiles.write(folder.resolve("d.safetensors"), Map.of("w", Tensor.f64("[2]", 1, 2))));
            SoupException other = assertThrows(SoupException.class, () -> mean.add(typed));
            assertEquals(Reason.TYPES_DIFFER, other.reason());
            assertTrue(other.getMessage().contains("is F64 but was F32"), other.getMessage());
            mean.add(Checkpoint.inMemory("e").put("w", List.of(2L), 3, 6).build());
            assertArrayEquals(new float[] {2, 4}, mean.soup().floats("w"));
        }
        for (double decay : new double[] {0, 1, -1, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> RunningMean.exponential(first, decay));
        }
        Path soup =
                UniformSoup.of(first).write(folder.resolve("soup.safetensors")).path();
        CheckpointException none = assertThrows(CheckpointException.class, () -> RunningMean.resume(soup));
        assertEquals(Reason.DAMAGED, none.reason());
    }
}
