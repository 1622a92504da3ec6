package dev.stockpot.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Engine;
import dev.stockpot.error.DeviceException;
import dev.stockpot.error.Reason;
import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.mixture.Weights;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Failures of the card, its driver or its memory. */
class CudaFailuresTest extends EmulatedCard {
    private static final int LAUNCH_FAILED = 719;

    /** Calls one of everything, and returns the results. */
    private static List<Object> work(Kernels kernels) {
        CountedFile file = CountedFile.finite(50_000);
        Memory kept = kernels.memory().keep(file, 0, file.size());
        Operand source = new Operand(DType.BF16, kept == null ? Memory.of(file.bytes) : kept, 0);
        Operand plain = finite(new JavaKernels(), new Random(4), DType.F32, 20_000);
        try (Memory out = kernels.memory().allocate(40_000)) {
            Operand result = new Operand(DType.F16, out, 0);
            kernels.mix(new Mix(result, List.of(source, plain), 20_000, null, 2));
            double[] sums = new double[2];
            kernels.dot(new Dot(plain, List.of(source, plain), 20_000), sums);
            assertTrue(Double.isFinite(sums[0]) && Double.isFinite(sums[1]), "NaN would equal any NaN");
            ByteBuffer mixed = ByteBuffer.wrap(bytes(result, 20_000));
            double[] formed = new double[1];
            long[] counts = new long[21];
            FormulaBuilder f = Formula.builder();
            Value sum = f.mul(f.add(f.source(0), f.source(1)), f.byRow(new double[] {1, 2, 3}, 70));
            f.out(sum);
            f.dot(sum, sum);
            f.count(f.less(sum, f.source(0)));
            f.histogram(sum, 0x3F000000, 20, 20);
            kernels.compute(
                    new Calculation(f.build(), List.of(source, plain), Optional.of(result), 7, 20_000), formed, counts);
            assertTrue(Double.isFinite(formed[0]) && counts[1] > 0, "NaN would equal any NaN");
            return List.of(
                    mixed,
                    sums[0],
                    sums[1],
                    ByteBuffer.wrap(bytes(result, 20_000)),
                    formed[0],
                    Arrays.stream(counts).boxed().toList());
        }
    }

    @Test
    void everyCallThatFailsIsNamedAndNothingLeaks() {
        List<Object> expected = work(new JavaKernels());
        CudaOptions options = new CudaOptions(0, 8 << 20, true);
        long calls = CudaEmulator.calls();
        try (CudaKernels cuda = CudaKernels.open(options)) {
            assertEquals(expected, work(cuda));
        }
        calls = CudaEmulator.calls() - calls;
        assertTrue(calls > 50, calls + " calls");
        for (int n = 1; n <= calls; n++) {
            CudaEmulator.fail(n, LAUNCH_FAILED);
            try (CudaKernels cuda = CudaKernels.open(options)) {
                assertEquals(expected, work(cuda));
            } catch (DeviceException e) {
                assertTrue(
                        e.getMessage().matches("the GPU failed: cu\\w.* returned CUDA_ERROR_LAUNCH_FAILED"),
                        e.getMessage());
                assertEquals(Reason.DEVICE_FAILED, e.reason());
            }
            assertEquals(live, CudaEmulator.live(), "after call " + n + " failed");
        }
    }

    @Test
    void othersTakeOverWhereverACallFails() {
        List<Object> expected = work(new JavaKernels());
        long calls = CudaEmulator.calls();
        try (CudaKernels cuda = CudaKernels.open(new CudaOptions(0, 8 << 20, true))) {
            calls = CudaEmulator.calls();
            work(cuda);
            calls = CudaEmulator.calls() - calls;
        }
        for (int n = 1; n <= calls; n++) {
            List<String> notes = new ArrayList<>();
            CudaKernels cuda = CudaKernels.open(new CudaOptions(0, 8 << 20, true));
            CudaEmulator.fail(n, 214);
            try (Kernels kernels = new FallbackKernels(cuda, new JavaKernels(), notes::add)) {
                assertEquals(expected, work(kernels), "while call " + n + " failed");
                assertEquals(expected, work(kernels), "after call " + n + " failed");
            }
            assertTrue(notes.size() <= 1, notes::toString);
            assertEquals(live, CudaEmulator.live(), "after call " + n + " failed");
        }
    }

    @Test
    void whatWasCountedBeforeAFailureIsNotCountedTwice() {
        int elements = 200_000;
        Operand source = finite(new JavaKernels(), new Random(7), DType.F16, elements);
        FormulaBuilder f = Formula.builder();
        f.sum(f.source(0));
        f.count(f.less(f.source(0), f.constant(0)));
        Calculation call = new Calculation(f.build(), List.of(source), Optional.empty(), 0, elements);
        double[] expectedSums = {0.5};
        long[] expectedCounts = {3};
        new JavaKernels().compute(call, expectedSums, expectedCounts);
        int failed = 0;
        for (int n = 1; n <= 40; n++) {
            List<String> notes = new ArrayList<>();
            CudaKernels cuda = CudaKernels.open(new CudaOptions(0, SMALL, false));
            CudaEmulator.fail(n, 214);
            try (Kernels kernels = new FallbackKernels(cuda, new JavaKernels(), notes::add)) {
                double[] sums = {0.5};
                long[] counts = {3};
                kernels.compute(call, sums, counts);
                assertArrayEquals(expectedSums, sums, "call " + n);
                assertArrayEquals(expectedCounts, counts, "call " + n);
            }
            failed += notes.size();
            CudaEmulator.fail(0, 0);
        }
        assertTrue(failed > 10 && failed < 40, failed + " failures");
    }

    @Test
    void whatCannotBeUsedIsToldWithWhatToDo() {
        DeviceException none =
                assertThrows(DeviceException.class, () -> CudaKernels.open(new CudaOptions(3, 0, false)));
        assertTrue(none.getMessage().contains("no GPU number 3: the driver sees 1"), none.getMessage());
        assertEquals(Map.of("devices", 1), none.numbers());
        assertTold(new CudaOptions(0, 1000, false), "1000 may be used", "use more");
        CudaEmulator.setVersion(12080);
        assertTold(CudaOptions.defaults(), "its driver supports CUDA 12.8, but 13.0 is needed", "driver 580");
        CudaEmulator.setVersion(13000);
        CudaEmulator.setDevices(0);
        assertTold(CudaOptions.defaults(), "the driver sees none", "nvidia-smi");
        CudaEmulator.setDevices(1);
        CudaEmulator.leaveFree(100_000);
        assertTold(CudaOptions.defaults(), "100000 bytes of its memory are free", "free its memory");
        CudaEmulator.leaveFree(1 << 30);
        // The ninth call loads the kernels.
        CudaEmulator.fail(9, 209);
        assertTold(
                CudaOptions.defaults(),
                "cuModuleLoadData returned CUDA_ERROR_NO_BINARY_FOR_GPU",
                "do not run on this GPU");
    }

    @Test
    void moreIngredientsThanFitAreRefused() {
        try (CudaKernels cuda = CudaKernels.open(new CudaOptions(0, SMALL, false))) {
            Operand value = new Operand(DType.F64, Memory.of(ByteBuffer.allocate(8 * 64)), 0);
            Mix mix = new Mix(value, Collections.nCopies(2000, value), 64, null, 2000);
            DeviceException e = assertThrows(DeviceException.class, () -> cuda.mix(mix));
            assertTrue(e.getMessage().contains("2000 ingredients"), e.getMessage());
        }
    }

    private static void assertTold(CudaOptions options, String what, String hint) {
        DeviceException e = assertThrows(
                DeviceException.class, () -> CudaKernels.open(options).close());
        assertTrue(e.getMessage().contains(what), e.getMessage());
        assertTrue(e.hint().orElseThrow().contains(hint), e.hint()::toString);
    }

    @Test
    void aMissingPartIsTold() {
        DeviceException driver = CudaLoading.missing(new UnsatisfiedLinkError(
                "libjnicudart.so: libcuda.so.1: cannot open shared object file: No such file or directory"));
        assertTrue(driver.getMessage().contains("no NVIDIA driver"), driver.getMessage());
        DeviceException runtime = CudaLoading.missing(new UnsatisfiedLinkError(
                "libjnicudart.so: libcudart.so.13: cannot open shared object file: No such file or directory"));
        assertTrue(runtime.getMessage().contains("libcudart.so.13"), runtime.getMessage());
        DeviceException presets = CudaLoading.missing(new ClassNotFoundException("org.bytedeco.cuda.global.cudart"));
        assertTrue(presets.hint().orElseThrow().contains("org.bytedeco:cuda:"), presets.hint()::toString);
    }

    @Test
    void aRunThatIsCancelledLeavesNothing(@TempDir Path folder) throws Exception {
        TestFiles.Tensor tensor = TestFiles.random(DType.BF16, 4_000_000, new Random(4));
        Path path = TestFiles.write(folder.resolve("a.safetensors"), Map.of("w", tensor));
        try (CudaKernels cuda = CudaKernels.open(CudaOptions.defaults())) {
            Thread main = Thread.currentThread();
            RunListener interrupting = new RunListener() {
                @Override
                public void progress(long bytes) {
                    main.interrupt(); // in the middle of the run
                }
            };
            Engine engine = Engine.on(cuda, Run.builder().listener(interrupting).build());
            Mixture soup = Mixture.averaged(
                    Ingredients.match(List.of(Checkpoint.open(path), Checkpoint.open(path)), MatchOptions.defaults()),
                    Weights.EQUAL,
                    Optional.empty());
            Path out = folder.resolve("out.safetensors");
            assertThrows(InterruptedException.class, () -> soup.write(out, WriteOptions.defaults(), false, engine));
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(path), files.toList());
        }
    }

    @Test
    void theCheckFindsAllRight() {
        List<String> lines = new ArrayList<>();
        assertEquals(0, new CudaCheck(new CudaOptions(0, 8 << 20, false), 1, lines::add).run(), lines::toString);
        assertTrue(lines.get(0).startsWith("device 0: Emulated card, compute capability 9.0"), lines.get(0));
        assertTrue(lines.contains("all results are as they should be"), lines::toString);
        assertTrue(lines.stream().anyMatch(l -> l.startsWith("mix of 8 BF16 streamed")), lines::toString);
        assertTrue(lines.stream().anyMatch(l -> l.matches("\\d+ formulas tried, 0 differ")), lines::toString);
        assertTrue(lines.stream().anyMatch(l -> l.startsWith("histograms of 8 BF16 on the device")), lines::toString);
    }
}
