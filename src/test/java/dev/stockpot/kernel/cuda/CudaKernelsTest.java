package dev.stockpot.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import dev.stockpot.kernel.RandomElements;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the kernels on a card do besides computing: pieces, files that stay, failures. Uses the emulated card. */
class CudaKernelsTest extends EmulatedCard {
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
            Operand expected = operand(new JavaKernels(), random, DType.BF16, elements);
            Operand actual = operand(cuda, random, DType.BF16, elements);
            new JavaKernels().mix(new Mix(expected, sources, elements, null, 6));
            cuda.mix(new Mix(actual, sources, elements, null, 6));
            assertArrayEquals(bytes(expected, elements), bytes(actual, elements));

            // Of special values most sums are NaN, whatever the kernel does.
            Operand vector = finite(new JavaKernels(), random, DType.F32, elements);
            List<Operand> finite = new ArrayList<>();
            for (DType dtype : RandomElements.DTYPES) {
                finite.add(finite(cuda, random, dtype, elements));
            }
            assertSameSums(cuda, new Dot(vector, finite, elements));
            // More sources than blocks fit into a slot.
            assertSameSums(cuda, new Dot(vector, Collections.nCopies(101, finite.get(0)), 5000));
            assertTrue(CudaEmulator.peak() - before <= SMALL, () -> CudaEmulator.peak() - before + " bytes");
        }
    }

    private static void assertSameSums(Kernels cuda, Dot dot) {
        double[] expected = new double[dot.sources().size()];
        double[] actual = new double[expected.length];
        new JavaKernels().dot(dot, expected);
        cuda.dot(dot, actual);
        for (double sum : expected) {
            assertTrue(Double.isFinite(sum) && sum != 0, "a sum that could hide mistakes: " + sum);
        }
        assertArrayEquals(expected, actual, 0);
    }

    @Test
    void whileOnePieceIsWaitedForTheNextIsUnderWay() {
        Random random = new Random(6);
        int elements = 600_000;
        try (CudaKernels cuda = CudaKernels.open(new CudaOptions(0, SMALL, false))) {
            Operand source = operand(cuda, random, DType.F32, elements);
            Operand out = operand(cuda, random, DType.F32, elements);
            long launches = CudaEmulator.launches();
            long overlaps = CudaEmulator.overlaps();
            cuda.mix(new Mix(out, List.of(source, source), elements, null, 2));
            long pieces = CudaEmulator.launches() - launches;
            assertTrue(pieces > 5, pieces + " pieces");
            // All but the last, which nothing follows.
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
            // Idle memory of many sizes is freed.
            for (int n = 1; n < 40; n++) {
                cuda.memory().allocate(((long) n * n) << 16).close();
            }
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
            // 6 MiB are left, as the driver hands out two at a time: one whole block of 4.
            assertNotNull(cuda.memory().keep(large, 0, 4 << 20));
            assertNull(cuda.memory().keep(large, 0, (4 << 20) + 1));
            // Then files that fit into the 2 MiB that are left of them.
            assertNotNull(cuda.memory().keep(new CountedFile(2 << 20), 0, 2 << 20));
            assertNull(cuda.memory().keep(new CountedFile(1 << 20), 0, 1 << 20));
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
}
