package dev.stockpot.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.kernel.cuda.CudaEmulator;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/numbers.md in exact arithmetic: {@link JavaKernels} and every other kernel, gives the bits that follow from it. */
class NumbersContractTest {
    private static final int ELEMENTS = 24;

    private final Random random = new Random(1);
    private final List<Kernels> all = CudaEmulator.withCuda(KernelSelection.available());

    static List<DType> dtypes() {
        return RandomElements.DTYPES;
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void everyOutputOfOneTypeFollowsFromTheContract(DType in) {
        for (DType out : RandomElements.DTYPES) {
            for (int count : new int[] {1, 2, 3, 9}) {
                check(Collections.nCopies(count, in), out);
            }
        }
    }

    @Test
    void everyMixtureOfTypesFollowsFromTheContract() {
        for (int trial = 0; trial < 60; trial++) {
            List<DType> in = new ArrayList<>();
            for (int k = 0; k <= random.nextInt(6); k++) {
                in.add(RandomElements.DTYPES.get(random.nextInt(6)));
            }
            check(in, RandomElements.DTYPES.get(trial % 6));
        }
    }

    private void check(List<DType> in, DType out) {
        int count = in.size();
        double[] usual = random.doubles(count, -1, 1).toArray();
        double[] extreme = new double[count];
        for (int k = 0; k < count; k++) {
            extreme[k] = List.of(0.0, -0.0, 1e300, 1e-300, 1e-40, 1.0, -3.0).get(random.nextInt(7));
        }
        List<ByteBuffer> values = in.stream()
                .map(d -> RandomElements.fill(random, d, ELEMENTS, 0))
                .toList();
        compare(in, values, out, null, count);
        compare(in, values, out, usual, 0.37);
        compare(in, values, out, usual, 1);
        compare(in, values, out, extreme, List.of(-0x1p-40, 1e-310, 1e40, 1e-50).get(random.nextInt(4)));
    }

    private void compare(List<DType> in, List<ByteBuffer> values, DType out, double[] weights, double divisor) {
        List<Operand> sources = new ArrayList<>();
        for (int k = 0; k < in.size(); k++) {
            sources.add(new Operand(in.get(k), Memory.of(values.get(k)), 0));
        }
        for (Kernels kernels : all) {
            ByteBuffer actual =
                    ByteBuffer.allocateDirect((int) out.bytes(ELEMENTS)).order(ByteOrder.LITTLE_ENDIAN);
            boolean finite =
                    kernels.mix(new Mix(new Operand(out, Memory.of(actual), 0), sources, ELEMENTS, weights, divisor));
            boolean expectedFinite = true;
            for (int i = 0; i < ELEMENTS; i++) {
                int element = i;
                double[] x = new double[in.size()];
                for (int k = 0; k < x.length; k++) {
                    x[k] = ExactType.of(in.get(k)).decode(raw(in.get(k), values.get(k), i));
                }
                long expected = expected(in, x, out, weights, divisor);
                expectedFinite &= Double.isFinite(ExactType.of(out).decode(expected));
                assertEquals(
                        Long.toHexString(expected),
                        Long.toHexString(raw(out, actual, i)),
                        () -> kernels.name() + ": " + in + " to " + out + ", element " + element);
            }
            assertEquals(expectedFinite, finite, () -> kernels.name() + ": " + in + " to " + out);
        }
    }

    /** The whole of docs/numbers.md's rules for averages. */
    private static long expected(List<DType> in, double[] x, DType out, double[] weights, double divisor) {
        ExactType accumulator = in.contains(DType.F32) || in.contains(DType.F64) ? ExactType.F64 : ExactType.F32;
        // -0 is what leaves x and w * x as they are when it is added to them.
        double sum = -0.0;
        for (int k = 0; k < x.length; k++) {
            sum = accumulator.multiplyAdd(weights == null ? 1 : accumulator.round(weights[k]), x[k], sum);
        }
        double quotient = accumulator.divide(sum, accumulator.round(divisor));
        ExactType result = ExactType.of(out);
        return result.encode(result.round(quotient));
    }

    private static long raw(DType dtype, ByteBuffer bytes, int element) {
        return switch (dtype.bits()) {
            case 64 -> bytes.getLong(element * 8);
            case 32 -> bytes.getInt(element * 4) & 0xFFFFFFFFL;
            case 16 -> bytes.getShort(element * 2) & 0xFFFFL;
            default -> bytes.get(element) & 0xFFL;
        };
    }
}
