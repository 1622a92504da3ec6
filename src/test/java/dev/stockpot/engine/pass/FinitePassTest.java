package dev.stockpot.engine.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Average;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixPlan;
import dev.stockpot.engine.MixPlan.Placed;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.cuda.CudaEmulator;
import dev.stockpot.run.Concern;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is not finite is found, counted and blamed on the right source, and nothing else is. */
class FinitePassTest {
    private static final double INFINITY = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;
    /** Longer than two of the tiles below; the others are neighbours of less than one. */
    private static final int LONG = 40_000;

    @TempDir
    Path folder;

    private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());
    private final OutputSink nowhere = (output, offset, bytes) -> {};

    private Engine engine(Kernels kernels, int threads, IoMode io) {
        return Engine.on(kernels, threads, io, 1 << 16).with(new RunListener() {
            @Override
            public void warning(String message) {
                warnings.add(message);
            }
        });
    }

    private Engine plain() {
        return engine(KernelSelection.best(), 2, IoMode.AUTO);
    }

    /** A model of ones, with some values of some tensors set. */
    private Checkpoint model(String name, Map<String, Map<Integer, Double>> set) throws IOException {
        Map<String, TestFiles.Tensor> tensors = new LinkedHashMap<>();
        for (String tensor : List.of("first", "long", "none", "last")) {
            double[] values = new double[tensor.equals("long") ? LONG : tensor.equals("none") ? 0 : 37];
            Arrays.fill(values, 1);
            set.getOrDefault(tensor, Map.of()).forEach((at, value) -> values[at] = value);
            tensors.put(tensor, TestFiles.Tensor.f32("[" + values.length + "]", values));
        }
        return Checkpoint.open(TestFiles.write(folder.resolve(name), tensors));
    }

    private static MixPlan mean(List<Checkpoint> models, DType dtype, double... weights) {
        List<Placed> placed = new ArrayList<>();
        long offset = 0;
        for (String name : models.get(0).tensors().keySet()) {
            List<TensorInfo> sources =
                    models.stream().map(m -> m.tensors().get(name)).toList();
            Average how = weights.length == 0 ? new Average(null, models.size()) : new Average(weights, 1);
            MixTensor tensor = new MixTensor(name, dtype, sources.get(0).shape(), sources, how);
            placed.add(new Placed(tensor, 0, offset));
            offset += tensor.bytes();
        }
        return new MixPlan(placed);
    }

    private void run(MixPlan plan, Engine engine) throws Exception {
        FinitePass.run(
                plan, nowhere, engine, t -> t.source().file().orElseThrow().getFileName());
    }

    private SoupException stopped(MixPlan plan, Engine engine) {
        return assertThrows(SoupException.class, () -> run(plan, engine));
    }

    @Test
    void everyWayOfMixingCountsAlike() throws Exception {
        Checkpoint a = model("a", Map.of("long", Map.of(0, NAN, 16_383, NAN, 16_384, INFINITY, LONG - 1, -INFINITY)));
        Checkpoint b = model("b", Map.of());
        Checkpoint c =
                model("c", Map.of("first", Map.of(36, INFINITY), "long", Map.of(0, 3.0), "last", Map.of(0, NAN)));
        MixPlan plan = mean(List.of(a, b, c), DType.F32);
        List<Kernels> all = CudaEmulator.withCuda(KernelSelection.available());
        for (Kernels kernels :
                Stream.concat(all.stream(), Stream.of(new JavaKernels())).toList()) {
            for (int threads : new int[] {1, 3}) {
                for (IoMode io : TestFiles.waysToRead(folder)) {
                    warnings.clear();
                    run(plan, engine(kernels, threads, io).allowing(Concern.NON_FINITE));
                    assertEquals(
                            List.of(
                                    "c: 1 value that is not a number (NaN) and 1 infinite value in 2 tensors: first, last",
                                    "a: 2 values that are not numbers (NaN) and 2 infinite values in tensor long"),
                            warnings,
                            kernels.name() + ", " + threads + " threads, " + io);
                }
            }
        }
    }

    @Test
    void aRunStopsAtATensorAllOfWhichIsCounted() throws Exception {
        Checkpoint a = model("a", Map.of());
        Checkpoint b = model("b", Map.of("long", Map.of(5, NAN, 20_000, NAN, LONG - 1, INFINITY)));
        for (int threads : new int[] {1, 3}) {
            SoupException stopped =
                    stopped(mean(List.of(a, b, b), DType.F32), engine(KernelSelection.best(), threads, IoMode.AUTO));
            assertEquals(
                    "b: 2 values that are not numbers (NaN) and 1 infinite value in tensor long;"
                            + " the run stopped there, and other tensors may have such values too",
                    stopped.getMessage());
            assertEquals(Reason.CONCERN, stopped.reason());
            assertEquals(List.of("non-finite"), stopped.choices());
            assertEquals("long", stopped.tensor().orElseThrow());
            assertEquals(Path.of("b"), stopped.file().orElseThrow());
            assertEquals(3L, stopped.numbers().get("values"));
            assertEquals("leave out b", stopped.hint().orElseThrow());
        }
        assertEquals(List.of(), warnings);
    }

    /** Such as an attention mask: it is as it should be. */
    @Test
    void whatIsTheSameInfinityEverywhereIsAConstant() throws Exception {
        Map<Integer, Double> mask = Map.of(3, -INFINITY, 4, INFINITY, 30, -INFINITY);
        Checkpoint a = model("a", Map.of("first", mask, "last", mask));
        Checkpoint b = model("b", Map.of("first", mask, "last", mask));
        run(mean(List.of(a, b), DType.F32), plain());
        run(mean(List.of(a, b), DType.BF16, 0.25, 0.5), plain());
        run(mean(List.of(a), DType.F16), plain());
        // A weight of 0 makes NaN of it, and a negative one the other infinity.
        assertTrue(stopped(mean(List.of(a, b), DType.F32, 0, 1), plain())
                .getMessage()
                .startsWith("a: 3 infinite"));
        assertTrue(
                stopped(mean(List.of(a), DType.F32, -1), plain()).getMessage().startsWith("a: 3 infinite"));
        Checkpoint other = model("other", Map.of("first", Map.of(3, INFINITY), "last", mask));
        String said = stopped(mean(List.of(a, other), DType.F32), plain()).getMessage();
        assertTrue(
                said.startsWith("a: 3 infinite values in tensor first; other: 1 infinite value in tensor first;"),
                said);
    }

    @Test
    void whatTheOutputsTypeCannotHoldIsToldFromWhatIngredientsHave() throws Exception {
        Checkpoint a = model("a", Map.of("last", Map.of(1, 65_519.0, 2, 70_000.0, 3, -75_000.5, 4, INFINITY)));
        SoupException stopped =
                stopped(mean(List.of(model("b", Map.of("last", Map.of(7, 65_520.0)))), DType.F16), plain());
        assertEquals(
                "1 value overflows F16 (largest 65,520; F16 ends at 65,504) in tensor last;"
                        + " the run stopped there, and other tensors may have such values too",
                stopped.getMessage());
        assertEquals("take BF16 or F32 for the output", stopped.hint().orElseThrow());
        assertEquals(1L, stopped.numbers().get("overflows"));
        run(mean(List.of(a, model("b", Map.of())), DType.F16), plain().allowing(Concern.NON_FINITE));
        assertEquals(List.of("a: 1 infinite value in tensor last"), warnings, "the means of the others are in range");
        warnings.clear();
        run(mean(List.of(a), DType.F16), plain().allowing(Concern.NON_FINITE));
        assertEquals(List.of("2 values overflow F16 (largest 75,001; F16 ends at 65,504) in tensor last"), warnings);
        warnings.clear();
        run(mean(List.of(a), DType.F8_E4M3), plain().allowing(Concern.NON_FINITE));
        assertEquals(
                List.of(
                        "a: 1 infinite value in tensor last",
                        "3 values overflow F8_E4M3 (largest 75,001; F8_E4M3 ends at 448) in tensor last"),
                warnings,
                "which has no infinity");
    }

    @Test
    void sumsBeyondTheirTypeAreToldToo() throws Exception {
        double most = 0x1.FEp127;
        TestFiles.Tensor large = TestFiles.Tensor.bf16("[3]", most, 1, -most);
        TestFiles.Tensor less = TestFiles.Tensor.bf16("[3]", most / 2, 1, -most);
        Checkpoint a = Checkpoint.open(TestFiles.write(folder.resolve("a"), Map.of("w", large)));
        Checkpoint b = Checkpoint.open(TestFiles.write(folder.resolve("b"), Map.of("w", less)));
        SoupException stopped = stopped(mean(List.of(a, b), DType.BF16), plain());
        assertEquals("1 value overflows the sum, which is in F32, in tensor w", stopped.getMessage());
        assertEquals(
                "2 values overflow the sum, which is in F32, in tensor w",
                stopped(mean(List.of(a, a), DType.BF16, 1, 1), plain()).getMessage(),
                "twice the values, not their mean");
        assertTrue(stopped.hint().orElseThrow().startsWith("weights that sum to 1 keep the sum in range; or convert"));
        run(mean(List.of(a), DType.BF16), plain());
    }

    /** Such as a mask that is filled with the lowest value of its type. */
    @Test
    void theMeanOfEqualValuesIsThatValueThoughTheirSumOverflows() throws Exception {
        double most = 0x1.FEp127;
        double[] values = new double[5_000];
        Arrays.fill(values, 100, 4_900, -most);
        values[0] = most;
        values[4_950] = 3;
        TestFiles.Tensor mask = TestFiles.Tensor.bf16("[5000]", values);
        Checkpoint a = Checkpoint.open(TestFiles.write(folder.resolve("a"), Map.of("w", mask)));
        List<Kernels> all = new ArrayList<>(CudaEmulator.withCuda(KernelSelection.available()));
        all.add(new JavaKernels());
        for (Kernels kernels : all) {
            for (MixPlan plan : List.of(
                    mean(List.of(a, a, a), DType.BF16), mean(List.of(a, a, a, a), DType.BF16, 2.5, 0.5, -1, -1))) {
                ByteBuffer written = ByteBuffer.allocate(10_000);
                FinitePass.run(
                        plan,
                        (output, offset, bytes) ->
                                written.put((int) offset, bytes, bytes.position(), bytes.remaining()),
                        engine(kernels, 2, IoMode.AUTO),
                        t -> Path.of("a"));
                assertArrayEquals(mask.values(), written.array(), kernels.name());
            }
        }
        SoupException stopped = stopped(mean(List.of(a, a), DType.F16), plain());
        assertTrue(stopped.getMessage().startsWith("4,801 values overflow F16 (largest"), stopped.getMessage());
    }

    @Test
    void manyIngredientsAreCountedBeyondTheFirstFew() throws Exception {
        List<Checkpoint> models = new ArrayList<>();
        for (int k = 0; k < 12; k++) {
            models.add(model("m" + k, Map.of("first", Map.of(k, NAN))));
        }
        String said = stopped(mean(models, DType.F32), plain()).getMessage();
        assertTrue(
                said.contains("m2: 1 value that is not a number (NaN) in tensor first; and 9 more ingredients;"), said);
        run(mean(models, DType.F32), plain().allowing(Concern.NON_FINITE));
        assertEquals(8, warnings.size());
        assertEquals("5 more ingredients have values that are not finite", warnings.get(7));
    }
}
