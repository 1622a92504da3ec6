package dev.stockpot.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.kernel.cuda.CudaEmulator;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that every kernel of this machine produces the bits of {@link JavaKernels}. */
class KernelsTest {
    static List<Kernels> all() {
        return CudaEmulator.withCuda(KernelSelection.available());
    }

    static List<DType> dtypes() {
        return RandomElements.DTYPES;
    }

    @Test
    void theNativeLibraryLoads() {
        assertTrue(NativeLibrary.isAvailable(), NativeLibrary::unavailableReason);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void everyOutputOfOneTypeEqualsJava(DType in) {
        Random random = new Random(1);
        for (DType out : RandomElements.DTYPES) {
            for (int count : new int[] {1, 2, 3, 7, 8, 13, 70}) {
                assertSame(random, Collections.nCopies(count, in), out, 1 + random.nextInt(300));
            }
            assertSame(random, Collections.nCopies(5, in), out, 5000);
        }
    }

    /** Kernels may multiply by a divisor's reciprocal only if that is exact: not if it overflows or is subnormal. */
    @ParameterizedTest
    @MethodSource("dtypes")
    void anyPowerOfTwoDividesAsJavaDoes(DType in) {
        Random random = new Random(2);
        ByteBuffer values = RandomElements.fill(random, in, 300, 0);
        List<Operand> sources = Collections.nCopies(2, new Operand(in, Memory.of(values), 0));
        for (int exponent : new int[] {-1074, -1023, -1022, -149, -140, -128, -127, -126, -1, 1, 126, 127, 128, 1023}) {
            for (DType out : List.of(in, DType.F32, DType.F64)) {
                assertSame(sources, out, 300, null, Math.scalb(1.0, exponent), 0);
                assertSame(sources, out, 300, null, -Math.scalb(1.0, exponent), 0);
            }
        }
    }

    @Property(tries = 300)
    void anyMixEqualsJava(
            @ForAll @Size(min = 1, max = 40) List<@IntRange(max = 5) Integer> in,
            @ForAll @IntRange(max = 5) int out,
            @ForAll @IntRange(max = 200) int elements,
            @ForAll long seed) {
        List<DType> dtypes = in.stream().map(RandomElements.DTYPES::get).toList();
        assertSame(new Random(seed), dtypes, RandomElements.DTYPES.get(out), elements);
    }

    /** Compares equal weights, and then random ones. */
    private static void assertSame(Random random, List<DType> in, DType outType, int elements) {
        List<Operand> sources = new ArrayList<>();
        for (DType dtype : in) {
            int shift = random.nextInt(9);
            sources.add(new Operand(dtype, Memory.of(RandomElements.fill(random, dtype, elements, shift)), shift));
        }
        double[] weights = random.doubles(in.size(), -1, 1).toArray();
        assertSame(sources, outType, elements, null, in.size(), random.nextInt(9));
        assertSame(sources, outType, elements, weights, 0.37, random.nextInt(9));
    }

    private static void assertSame(
            List<Operand> sources, DType outType, int elements, double[] weights, double divisor, int shift) {
        ByteBuffer expected = mix(new JavaKernels(), sources, outType, elements, weights, divisor, shift);
        for (Kernels kernels : all()) {
            ByteBuffer actual = mix(kernels, sources, outType, elements, weights, divisor, shift);
            int at = expected.mismatch(actual);
            int step = outType.bits() / 8;
            assertEquals(
                    -1,
                    at,
                    () -> String.format(
                            "%s, %d sources from %s to %s, element %d of %d: %s",
                            kernels.name(),
                            sources.size(),
                            sources.get(0).dtype(),
                            outType,
                            (at - shift) / step,
                            elements,
                            describe(outType, expected, actual, shift + (at - shift) / step * step)));
        }
    }

    private static String describe(DType dtype, ByteBuffer expected, ByteBuffer actual, int at) {
        return FloatFormat.decode(dtype, expected, at) + " expected but got " + FloatFormat.decode(dtype, actual, at);
    }

    /** The output between two margins that no kernel may touch; checks what the kernel says of it. */
    private static ByteBuffer mix(
            Kernels kernels,
            List<Operand> sources,
            DType outType,
            int elements,
            double[] weights,
            double divisor,
            int shift) {
        int bytes = Math.toIntExact(outType.bytes(elements));
        ByteBuffer out = ByteBuffer.allocateDirect(shift + bytes + 70).order(ByteOrder.LITTLE_ENDIAN);
        boolean finite =
                kernels.mix(new Mix(new Operand(outType, Memory.of(out), shift), sources, elements, weights, divisor));
        assertEquals(areFinite(outType, out, shift, elements), finite, () -> kernels.name() + " to " + outType);
        return out;
    }

    private static boolean areFinite(DType dtype, ByteBuffer bytes, int shift, int elements) {
        return IntStream.range(0, elements)
                .mapToDouble(i -> FloatFormat.decode(dtype, bytes, shift + i * dtype.bits() / 8))
                .allMatch(Double::isFinite);
    }

    /** Among finite results one is found that is not, wherever it is: also in a piece of its own on a GPU. */
    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("all")
    void oneValueThatIsNotFiniteIsNoticed(Kernels kernels) {
        Random random = new Random(5);
        for (DType dtype : RandomElements.DTYPES) {
            ByteBuffer values = RandomElements.finite(random, dtype, 70_001, 0);
            List<Operand> sources = Collections.nCopies(2, new Operand(dtype, Memory.of(values), 0));
            mix(kernels, sources, dtype, 70_001, null, 2, 0);
            for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
                for (int at : new int[] {0, 4095, 65_600, 70_000}) {
                    FloatFormat.encode(dtype, value, values, at * dtype.bits() / 8);
                    mix(kernels, sources, dtype, 70_001, null, 2, 0);
                    FloatFormat.encode(dtype, 1, values, at * dtype.bits() / 8);
                }
            }
        }
    }

    /** Finite values that an output's type cannot hold are noticed too, and the largest that it rounds down are not. */
    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("all")
    void overflowIsNoticed(Kernels kernels) {
        assertHolds(kernels, DType.F32, DType.F16, 65519, 65520);
        assertHolds(kernels, DType.BF16, DType.F16, 65280, 65536);
        assertHolds(kernels, DType.F16, DType.F8_E5M2, 61408, 61440);
        assertHolds(kernels, DType.F16, DType.F8_E4M3, 464, 464.25);
        assertHolds(kernels, DType.F64, DType.BF16, 0x1.FEFFFFFFFFFFFp127, 0x1.FFp127);
        assertHolds(kernels, DType.F64, DType.F32, 0x1.FFFFFEFFFFFFFp127, 0x1.FFFFFFp127);
    }

    private static void assertHolds(Kernels kernels, DType in, DType out, double held, double overflowing) {
        int elements = 333;
        ByteBuffer values = ByteBuffer.allocateDirect((int) in.bytes(elements)).order(ByteOrder.LITTLE_ENDIAN);
        FloatFormat.encode(in, -held, values, 200 * in.bits() / 8);
        List<Operand> sources = List.of(new Operand(in, Memory.of(values), 0));
        assertTrue(areFinite(out, mix(kernels, sources, out, elements, null, 1, 0), 0, elements));
        FloatFormat.encode(in, -overflowing, values, 200 * in.bits() / 8);
        assertFalse(areFinite(out, mix(kernels, sources, out, elements, null, 1, 0), 0, elements));
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("all")
    void equalIngredientsGiveTheirOwnBits(Kernels kernels) {
        // Not F64: its sums have no spare bits to be exact in.
        for (DType dtype : RandomElements.DTYPES.subList(1, 6)) {
            ByteBuffer values = ByteBuffer.allocateDirect(8 * 1000).order(ByteOrder.LITTLE_ENDIAN);
            Random random = new Random(3);
            for (int i = 0; i < 1000; i++) {
                FloatFormat.encode(dtype, random.nextGaussian(), values, i * dtype.bits() / 8);
            }
            for (int count : new int[] {1, 3, 8, 10}) {
                List<Operand> copies = Collections.nCopies(count, new Operand(dtype, Memory.of(values), 0));
                ByteBuffer out = mix(kernels, copies, dtype, 1000, null, count, 0);
                int bytes = 1000 * dtype.bits() / 8;
                assertEquals(values.slice(0, bytes), out.slice(0, bytes), () -> count + " copies of " + dtype);
            }
        }
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("all")
    void onesForWeightsEqualNoWeights(Kernels kernels) {
        Random random = new Random(4);
        for (DType dtype : RandomElements.DTYPES) {
            Operand a = new Operand(dtype, Memory.of(RandomElements.fill(random, dtype, 500, 0)), 0);
            Operand b = new Operand(dtype, Memory.of(RandomElements.fill(random, dtype, 500, 0)), 0);
            ByteBuffer plain = mix(kernels, List.of(a, b, a), dtype, 500, null, 3, 0);
            assertEquals(plain, mix(kernels, List.of(a, b, a), dtype, 500, new double[] {1, 1, 1}, 3, 0));
        }
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("all")
    void heapBuffersAndOwnMemoryAreMixedToo(Kernels kernels) {
        ByteBuffer heap = ByteBuffer.allocate(13).order(ByteOrder.LITTLE_ENDIAN);
        heap.putFloat(1, 2).putFloat(5, 4).putFloat(9, 8);
        ByteBuffer out = ByteBuffer.allocate(13).order(ByteOrder.LITTLE_ENDIAN);
        try (Memory own = kernels.memory().allocate(12)) {
            own.slice(0, 12).putFloat(4).putFloat(8).putFloat(16);
            List<Operand> sources = List.of(new Operand(DType.F32, Memory.of(heap), 1), new Operand(DType.F32, own, 0));
            kernels.mix(new Mix(new Operand(DType.F32, Memory.of(out), 1), sources, 3, null, 2));
        }
        assertEquals(List.of(3f, 6f, 12f), List.of(out.getFloat(1), out.getFloat(5), out.getFloat(9)));
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("all")
    void anOperandThatLeavesItsMemoryIsRefused(Kernels kernels) {
        Operand small = new Operand(DType.F32, Memory.of(ByteBuffer.allocateDirect(8)), 0);
        Operand large = new Operand(DType.F32, Memory.of(ByteBuffer.allocateDirect(12)), 0);
        assertThrows(
                IndexOutOfBoundsException.class, () -> kernels.mix(new Mix(large, List.of(large, small), 3, null, 2)));
        assertThrows(IndexOutOfBoundsException.class, () -> kernels.mix(new Mix(small, List.of(large), 3, null, 1)));
    }
}
