package dev.stockpot.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Engine;
import dev.stockpot.error.DeviceException;
import dev.stockpot.error.Reason;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import dev.stockpot.kernel.RandomElements;
import dev.stockpot.kernel.SourceFile;
import dev.stockpot.memory.Memory;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.mixture.Weights;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernels on a card do beside computing: pieces, files that stay, failures. On the emulated card. */
class CudaKernelsTest {
    private static final long SMALL = CudaLanes.SMALLEST;
    private static final int LAUNCH_FAILED = 719;

    private long live;
    private long violations;

    @BeforeEach
    void count() {
        assumeTrue(CudaEmulator.isAvailable(), "the native library is not built");
        CudaEmulator.setDevices(1);
        CudaEmulator.leaveFree(1 << 30);
        live = CudaEmulator.live();
        violations = CudaEmulator.violations();
    }

    @AfterEach
    void nothingIsLeftAndNothingWasWrong() {
        if (CudaEmulator.isAvailable()) {
            CudaEmulator.fail(0, 0);
            CudaEmulator.setDevices(0);
            CudaEmulator.setVersion(13000);
            CudaEmulator.leaveFree(1 << 30);
            assertEquals(live, CudaEmulator.live());
            assertEquals(violations, CudaEmulator.violations());
        }
    }

    private static Operand operand(Kernels kernels, Random random, DType dtype, int elements) {
        ByteBuffer bytes = RandomElements.fill(random, dtype, elements, 3);
        Memory memory = kernels.memory().allocate(bytes.capacity());
        memory.slice(0, bytes.capacity()).put(bytes);
        return new Operand(dtype, memory, 3);
    }

    private static byte[] bytes(Operand operand, int elements) {
        byte[] bytes = new byte[(int) operand.dtype().bytes(elements)];
        operand.memory().slice(operand.offset(), bytes.length).get(bytes);
        return bytes;
    }

    @Test
    void callsOfManyPiecesEqualJavaWithinLittleMemory() {
        Random random = new Random(1);
        int elements = 300_001;
        long before = CudaEmulator.inUse();
        try (CudaKernels cuda = CudaKernels.open(new CudaOptions(0, SMALL, false))) {
            List<Operand> sources = new ArrayList<>();
            for (DType dtype : RandomElements.DTYPES) {
                sources.add(operand(cuda, random, dtype, elements));
            }
            Operand vector = operand(new JavaKernels(), random, DType.F32, elements);
            Operand expected = operand(new JavaKernels(), random, DType.BF16, elements);
            Operand actual = operand(cuda, random, DType.BF16, elements);
            new JavaKernels().mix(new Mix(expected, sources, elements, null, 6));
            cuda.mix(new Mix(actual, sources, elements, null, 6));
            assertArrayEquals(bytes(expected, elements), bytes(actual, elements));

            double[] expectedSums = new double[6];
            double[] sums = new double[6];
            new JavaKernels().dot(new Dot(vector, sources, elements), expectedSums);
            cuda.dot(new Dot(vector, sources, elements), sums);
            assertArrayEquals(expectedSums, sums, 0);

            // More sources than a slot holds blocks of.
            Dot many = new Dot(vector, Collections.nCopies(101, sources.get(0)), 5000);
            expectedSums = new double[101];
            sums = new double[101];
            new JavaKernels().dot(many, expectedSums);
            cuda.dot(many, sums);
            assertArrayEquals(expectedSums, sums, 0);
            assertTrue(CudaEmulator.peak() - before <= SMALL, () -> CudaEmulator.peak() - before + " bytes");
        }
    }

    @Test
    void whileOnePieceIsWaitedForTheNextIsUnderWay() {
        Random random = new Random(6);
        int elements = 300_000;
        try (CudaKernels cuda = CudaKernels.open(new CudaOptions(0, SMALL, false))) {
            Operand source = operand(cuda, random, DType.F32, elements);
            Operand out = operand(cuda, random, DType.F32, elements);
            long launches = CudaEmulator.launches();
            long overlaps = CudaEmulator.overlaps();
            cuda.mix(new Mix(out, List.of(source, source), elements, null, 2));
            long pieces = CudaEmulator.launches() - launches;
            assertTrue(pieces > 5, pieces + " pieces");
            // All but the last, behind which nothing comes.
            assertEquals(pieces - 1, CudaEmulator.overlaps() - overlaps);
        }
    }

    @Test
    void hundredsOfSourcesTakeSeveralLaunches() {
        Random random = new Random(2);
        try (CudaKernels cuda = CudaKernels.open(CudaOptions.defaults())) {
            List<Operand> sources = Collections.nCopies(300, operand(cuda, random, DType.F16, 1000));
            double[] weights = random.doubles(300).toArray();
            Operand expected = operand(cuda, random, DType.F32, 1000);
            Operand actual = operand(cuda, random, DType.F32, 1000);
            new JavaKernels().mix(new Mix(expected, sources, 1000, weights, 3));
            cuda.mix(new Mix(actual, sources, 1000, weights, 3));
            assertArrayEquals(bytes(expected, 1000), bytes(actual, 1000));
        }
    }

    @Test
    void pinnedMemoryIsUsedAgain() {
        try (CudaKernels cuda = CudaKernels.open(CudaOptions.defaults())) {
            cuda.memory().allocate(1 << 20).close();
            long calls = CudaEmulator.calls();
            cuda.memory().allocate(1_000_000).close();
            assertEquals(calls, CudaEmulator.calls());
            // What many sizes would hold idle is given back.
            for (int n = 1; n < 40; n++) {
                cuda.memory().allocate(((long) n * n) << 16).close();
            }
        }
    }

    /** A file of pseudo-random bytes that counts what is read of it. */
    private static final class CountedFile implements SourceFile {
        final ByteBuffer bytes;
        final AtomicLong read = new AtomicLong();

        CountedFile(int size) {
            byte[] values = new byte[size];
            new Random(3).nextBytes(values);
            bytes = ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public Object version() {
            return this;
        }

        @Override
        public long size() {
            return bytes.capacity();
        }

        @Override
        public void read(long offset, ByteBuffer into) {
            read.addAndGet(into.remaining());
            into.put(bytes.slice((int) offset, into.remaining()));
        }
    }

    @Test
    void aFileIsReadOnceAndThenMixedFromTheCard() {
        CountedFile file = new CountedFile(9_000_001);
        try (CudaKernels cuda = CudaKernels.open(new CudaOptions(0, 100 << 20, true))) {
            for (int round = 0; round < 3; round++) {
                IntStream.range(0, 20).parallel().forEach(n -> {
                    int elements = 100_000;
                    long offset = 7 + 400_000L * n;
                    Memory kept = cuda.memory().keep(file, offset, 4L * elements);
                    Operand source = new Operand(DType.F32, kept, offset);
                    Operand out = new Operand(DType.F32, Memory.of(ByteBuffer.allocate(4 * elements)), 0);
                    Operand expected = new Operand(DType.F32, Memory.of(ByteBuffer.allocate(4 * elements)), 0);
                    cuda.mix(new Mix(out, List.of(source, source), elements, null, 2));
                    Operand onHost = new Operand(DType.F32, Memory.of(file.bytes), offset);
                    new JavaKernels().mix(new Mix(expected, List.of(onHost, onHost), elements, null, 2));
                    assertArrayEquals(bytes(expected, elements), bytes(out, elements));
                });
            }
            assertEquals(8 << 20, file.read.get());
            assertNotNull(cuda.memory().keep(file, file.size() - 1, 1));
            assertEquals(file.size(), file.read.get());
        }
    }

    @Test
    void aFileThatDoesNotFitIsKeptUpToWhereTheMemoryEnds() {
        CountedFile first = new CountedFile(5 << 20);
        CountedFile second = new CountedFile(20 << 20);
        long before = CudaEmulator.inUse();
        long memory = 64 << 20;
        try (CudaKernels cuda = CudaKernels.open(new CudaOptions(0, memory, true))) {
            assertEquals(32 << 20, cuda.residentMemory());
            CountedFile large = new CountedFile(40 << 20);
            assertNotNull(cuda.memory().keep(first, 0, first.size()));
            assertNotNull(cuda.memory().keep(second, 0, second.size()));
            // 7 MiB are left: one whole block of 4.
            assertNotNull(cuda.memory().keep(large, 0, 4 << 20));
            assertNull(cuda.memory().keep(large, 0, (4 << 20) + 1));
            // And then a file that fits into the 3 that are left now.
            assertNotNull(cuda.memory().keep(new CountedFile(3 << 20), 0, 3 << 20));
            assertNull(cuda.memory().keep(new CountedFile(1), 0, 1));
            assertTrue(CudaEmulator.peak() - before <= memory);
        }
        try (CudaKernels streaming = CudaKernels.open(new CudaOptions(0, memory, false))) {
            assertNull(streaming.memory().keep(first, 0, 10));
        }
    }

    @Test
    void memoryThatOthersTookMeanwhileIsDoneWithout() {
        try (CudaKernels cuda = CudaKernels.open(new CudaOptions(0, 64 << 20, true))) {
            CudaEmulator.leaveFree(3 << 20);
            assertNull(cuda.memory().keep(new CountedFile(8 << 20), 0, 100));
        }
    }

    /** One of everything; returns what it computed. */
    private static List<Object> work(Kernels kernels) {
        CountedFile file = new CountedFile(100_000);
        Memory kept = kernels.memory().keep(file, 0, file.size());
        Operand source = new Operand(DType.BF16, kept == null ? Memory.of(file.bytes) : kept, 0);
        Operand plain = new Operand(DType.F32, Memory.of(file.bytes), 1);
        try (Memory out = kernels.memory().allocate(40_000)) {
            Operand result = new Operand(DType.F16, out, 0);
            kernels.mix(new Mix(result, List.of(source, plain), 20_000, null, 2));
            double[] sums = new double[2];
            kernels.dot(new Dot(plain, List.of(source, plain), 20_000), sums);
            return List.of(ByteBuffer.wrap(bytes(result, 20_000)), sums[0], sums[1]);
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
                        e.getMessage().matches("the GPU failed: cu\\w.* gave CUDA_ERROR_LAUNCH_FAILED"),
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
                assertEquals(expected, work(kernels), "where call " + n + " failed");
                assertEquals(expected, work(kernels), "after call " + n + " failed");
            }
            assertTrue(notes.size() <= 1, notes::toString);
            assertEquals(live, CudaEmulator.live(), "after call " + n + " failed");
        }
    }

    @Test
    void whatCannotBeUsedIsToldWithWhatToDo() {
        DeviceException none =
                assertThrows(DeviceException.class, () -> CudaKernels.open(new CudaOptions(3, 0, false)));
        assertTrue(none.getMessage().contains("no GPU number 3: the driver sees 1"), none.getMessage());
        assertEquals(Map.of("devices", 1), none.numbers());
        assertTold(new CudaOptions(0, 1000, false), "1000 may be used", "use more");
        CudaEmulator.setVersion(12080);
        assertTold(CudaOptions.defaults(), "its driver serves CUDA 12.8, and 13.0 is needed", "driver 580");
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
                CudaOptions.defaults(), "cuModuleLoadData gave CUDA_ERROR_NO_BINARY_FOR_GPU", "do not run on this GPU");
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
                    Ingredients.match(List.of(Checkpoint.open(path), Checkpoint.open(path)), OnMissing.ERROR),
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
    }
}
