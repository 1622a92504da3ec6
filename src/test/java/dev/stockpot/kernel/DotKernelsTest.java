package dev.stockpot.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.kernel.cuda.CudaEmulator;
import dev.stockpot.memory.MappedFile;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.SourceFaultException;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that every kernel's dot products have the bits of {@link JavaKernels}, and that those are nearly exact. */
class DotKernelsTest {
    static List<Kernels> all() {
        return CudaEmulator.withCuda(KernelSelection.available());
    }

    static List<DType> dtypes() {
        return RandomElements.DTYPES;
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void everyPairOfTypesEqualsJava(DType vector) {
        Random random = new Random(1);
        for (DType source : RandomElements.DTYPES) {
            for (int elements : new int[] {0, 1, 31, 33, 777, 2047, 2048, 2049, 6000}) {
                assertEqualsJava(plain(random, vector, elements, 0), List.of(plain(random, source, elements, 0)));
                assertEqualsJava(special(random, vector, elements), List.of(special(random, source, elements)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void anyNumberOfSourcesEqualsJava(DType dtype) {
        Random random = new Random(2);
        Values vector = plain(random, DType.F32, 5000, 3);
        for (int count : new int[] {0, 1, 2, 7, 8, 9, 70}) {
            assertEqualsJava(vector, Collections.nCopies(count, plain(random, dtype, 5000, 1)));
        }
    }

    @Property(tries = 200)
    void anyDotEqualsJava(
            @ForAll @IntRange(max = 5) int vector,
            @ForAll @Size(min = 1, max = 70) List<@IntRange(max = 5) Integer> sources,
            @ForAll @IntRange(max = 5000) int elements,
            @ForAll long seed) {
        Random random = new Random(seed);
        List<Values> values = sources.stream()
                .map(s -> plain(random, RandomElements.DTYPES.get(s), elements, random.nextInt(9)))
                .toList();
        assertEqualsJava(plain(random, RandomElements.DTYPES.get(vector), elements, random.nextInt(9)), values);
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("all")
    void wholeBlocksOneAfterTheOtherEqualOneRun(Kernels kernels) {
        Random random = new Random(3);
        int elements = 5 * Dot.BLOCK + 17;
        Values vector = plain(random, DType.F32, elements, 0);
        Values source = plain(random, DType.BF16, elements, 0);
        double[] whole = {0.125};
        kernels.dot(new Dot(vector.from(0), List.of(source.from(0)), elements), whole);
        double[] parts = {0.125};
        for (int from = 0; from < elements; from += 2 * Dot.BLOCK) {
            int count = Math.min(2 * Dot.BLOCK, elements - from);
            kernels.dot(new Dot(vector.from(from), List.of(source.from(from)), count), parts);
        }
        assertEquals(whole[0], parts[0]);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void theSumIsExactToThirteenDigits(DType dtype) {
        Random random = new Random(4);
        int elements = 40_000;
        Values vector = plain(random, DType.F32, elements, 0);
        Values source = plain(random, dtype, elements, 0);
        BigDecimal exact = BigDecimal.ZERO;
        BigDecimal magnitude = BigDecimal.ZERO;
        for (int i = 0; i < elements; i++) {
            BigDecimal product = new BigDecimal(vector.get(i)).multiply(new BigDecimal(source.get(i)));
            exact = exact.add(product);
            magnitude = magnitude.add(product.abs());
        }
        double[] sums = {0};
        new JavaKernels().dot(new Dot(vector.from(0), List.of(source.from(0)), elements), sums);
        assertEquals(exact.doubleValue(), sums[0], magnitude.doubleValue() * 1e-14);
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("all")
    void heapBuffersAreMultipliedToo(Kernels kernels) {
        ByteBuffer heap = ByteBuffer.allocate(13).order(ByteOrder.LITTLE_ENDIAN);
        heap.putFloat(1, 2).putFloat(5, 4).putFloat(9, 8);
        Operand operand = new Operand(DType.F32, Memory.of(heap), 1);
        double[] sums = {1};
        kernels.dot(new Dot(operand, List.of(operand), 3), sums);
        assertEquals(85, sums[0]);
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("all")
    void whatDoesNotFitIsRefused(Kernels kernels) {
        Operand small = new Operand(DType.F32, Memory.of(ByteBuffer.allocateDirect(8)), 0);
        Operand large = new Operand(DType.F32, Memory.of(ByteBuffer.allocateDirect(12)), 0);
        Operand integers = new Operand(DType.I32, Memory.of(ByteBuffer.allocateDirect(12)), 0);
        assertThrows(
                IndexOutOfBoundsException.class, () -> kernels.dot(new Dot(small, List.of(large), 3), new double[1]));
        assertThrows(
                IndexOutOfBoundsException.class, () -> kernels.dot(new Dot(large, List.of(small), 3), new double[1]));
        assertThrows(
                IllegalArgumentException.class, () -> kernels.dot(new Dot(large, List.of(integers), 3), new double[1]));
        assertThrows(
                IllegalArgumentException.class, () -> kernels.dot(new Dot(large, List.of(large), 3), new double[2]));
        assertThrows(
                IllegalArgumentException.class, () -> kernels.dot(new Dot(large, List.of(large), -1), new double[1]));
    }

    @Test
    void aFileThatShrankIsNamedAndTheJvmLives(@TempDir Path folder) throws IOException {
        int elements = 1 << 18;
        Operand steady = new Operand(DType.F32, Memory.of(ByteBuffer.allocateDirect(4 * elements)), 0);
        Path path = folder.resolve("shrinks");
        for (Kernels kernels : all()) {
            if (kernels instanceof JavaKernels) {
                continue;
            }
            Files.write(path, new byte[4 * elements]);
            try (MappedFile file = MappedFile.map(path)) {
                Operand shrinking = new Operand(DType.F32, file, 0);
                try (RandomAccessFile access = new RandomAccessFile(path.toFile(), "rw")) {
                    access.setLength(8192);
                }
                for (Dot dot : List.of(
                        new Dot(steady, List.of(steady, shrinking, steady), elements),
                        new Dot(shrinking, List.of(steady), elements))) {
                    SourceFaultException fault = assertThrows(
                            SourceFaultException.class,
                            () -> kernels.dot(dot, new double[dot.sources().size()]));
                    assertSame(file, fault.memory());
                }
            }
        }
    }

    private static void assertEqualsJava(Values vector, List<Values> values) {
        List<Operand> sources = values.stream().map(v -> v.from(0)).toList();
        Dot dot = new Dot(vector.from(0), sources, vector.elements());
        double[] start = new Random(5).doubles(values.size(), -1, 1).toArray();
        double[] expected = start.clone();
        new JavaKernels().dot(dot, expected);
        for (Kernels kernels : all()) {
            double[] actual = start.clone();
            kernels.dot(dot, actual);
            // Arrays.equals takes all NaNs as equal, and 0 and -0 as different.
            assertTrue(
                    Arrays.equals(expected, actual),
                    () -> String.format(
                            "%s, %s with %s..., %d elements: %s expected but got %s",
                            kernels.name(),
                            vector.dtype(),
                            values.get(0).dtype(),
                            vector.elements(),
                            Arrays.toString(expected),
                            Arrays.toString(actual)));
        }
    }

    private static Values plain(Random random, DType dtype, int elements, int shift) {
        int length = shift + elements * dtype.bits() / 8;
        ByteBuffer bytes = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements; i++) {
            FloatFormat.encode(dtype, random.nextGaussian(), bytes, shift + i * dtype.bits() / 8);
        }
        return new Values(dtype, bytes, shift, elements);
    }

    /** Values that include NaN, infinities and arbitrary bits. */
    private static Values special(Random random, DType dtype, int elements) {
        return new Values(dtype, RandomElements.fill(random, dtype, elements, 5), 5, elements);
    }

    private record Values(DType dtype, ByteBuffer bytes, int shift, int elements) {
        Operand from(int element) {
            return new Operand(dtype, Memory.of(bytes), shift + element * dtype.bits() / 8);
        }

        double get(int i) {
            return FloatFormat.decode(dtype, bytes, shift + i * dtype.bits() / 8);
        }
    }
}
