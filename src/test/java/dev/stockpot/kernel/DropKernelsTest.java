package dev.stockpot.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Tests that every kernel drops the elements that {@link JavaKernels} drops, and that those are what ranks by sorting say. */
class DropKernelsTest {
    private static final double DENSITY = 0.45;
    private static final double EPSILON = 0.2;

    private static final double[] SUMS = {0.5, 0.25};

    private record Result(ByteBuffer values, double[] sums, long kept) {}

    @Property(tries = 200)
    void everyKernelEqualsJava(
            @ForAll @IntRange(max = 6) int rows,
            @ForAll @IntRange(min = 1, max = 3000) int length,
            @ForAll boolean wide,
            @ForAll @IntRange(max = 3) int kind,
            @ForAll long seed) {
        Random random = new Random(seed);
        DType dtype = wide ? DType.F64 : DType.F32;
        ByteBuffer values = switch (kind) {
            case 0 -> RandomElements.finite(random, dtype, rows * length, 0);
            case 1 -> RandomElements.fill(random, dtype, rows * length, 0);
            // As deltas of narrow types have: many are equal.
            default -> buffer(dtype, rows * length, i -> random.nextInt(20 * kind - 19) / 64.0);
        };
        ByteBuffer numbers = buffer(DType.F32, rows * length, i -> random.nextFloat());
        Result expected = run(new JavaKernels(), dtype, values, numbers, rows, length);
        for (Kernels kernels : KernelSelection.available()) {
            Result actual = run(kernels, dtype, values, numbers, rows, length);
            assertEquals(expected.values, actual.values, kernels.name());
            assertArrayEquals(expected.sums, actual.sums, kernels.name());
            assertEquals(expected.kept, actual.kept, kernels.name());
        }
    }

    @Test
    void chancesGrowWithTheRankThatASortGives() {
        Random random = new Random(5);
        int length = 700;
        double[] x = random.doubles(3L * length)
                .map(v -> Math.rint(100 * (v - 0.5)) / 128)
                .toArray();
        float[] u = new float[x.length];
        for (int i = 0; i < u.length; i++) {
            u[i] = random.nextFloat();
        }
        Result result = run(
                new JavaKernels(),
                DType.F32,
                buffer(DType.F32, x.length, i -> x[i]),
                buffer(DType.F32, x.length, i -> u[i]),
                3,
                length);
        double all = SUMS[0];
        double left = SUMS[1];
        for (int row = 0; row < 3; row++) {
            int first = row * length;
            List<Integer> order = IntStream.range(first, first + length)
                    .boxed()
                    .sorted(Comparator.<Integer>comparingDouble(i -> Math.abs(x[i]))
                            .thenComparing(i -> i))
                    .toList();
            for (int rank = 0; rank < length; rank++) {
                int i = order.get(rank);
                boolean stays = u[i] < DENSITY - EPSILON + 2 * EPSILON * rank / (length - 1);
                all += Math.abs(x[i]);
                left += stays ? Math.abs(x[i]) : 0;
                assertEquals(stays ? x[i] : 0, FloatFormat.decode(DType.F32, result.values, 4 * i), "element " + i);
            }
        }
        assertEquals(all, result.sums[0], 1e-9);
        assertEquals(left, result.sums[1], 1e-9);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        ByteBuffer three = buffer(DType.F32, 3, i -> 1);
        for (Kernels kernels : KernelSelection.available()) {
            assertThrows(
                    IllegalArgumentException.class, () -> run(kernels, DType.BF16, three, three, 1, 3), kernels.name());
            assertThrows(
                    IllegalArgumentException.class, () -> run(kernels, DType.F32, three, three, 1, 0), kernels.name());
            assertThrows(
                    IndexOutOfBoundsException.class, () -> run(kernels, DType.F32, three, three, 2, 3), kernels.name());
        }
    }

    private interface Values {
        double at(int element);
    }

    private static ByteBuffer buffer(DType dtype, int elements, Values values) {
        int step = dtype.bits() / 8;
        ByteBuffer buffer = ByteBuffer.allocateDirect(elements * step).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements; i++) {
            FloatFormat.encode(dtype, values.at(i), buffer, i * step);
        }
        return buffer;
    }

    /** On copies, half of the time on the heap. */
    private static Result run(
            Kernels kernels, DType dtype, ByteBuffer values, ByteBuffer random, int rows, int length) {
        boolean onHeap = length % 2 == 0;
        ByteBuffer changed = copy(values, onHeap);
        double[] sums = SUMS.clone();
        List<Operand> room = Stream.generate(
                        () -> new Operand(DType.F64, Memory.of(ByteBuffer.allocateDirect(8 * length)), 0))
                .limit(Drop.ROOM)
                .toList();
        long kept = kernels.drop(
                new Drop(
                        new Operand(dtype, Memory.of(changed), 0),
                        new Operand(DType.F32, Memory.of(copy(random, onHeap)), 0),
                        rows,
                        length,
                        DENSITY,
                        EPSILON,
                        room),
                sums);
        return new Result(changed, sums, kept);
    }

    private static ByteBuffer copy(ByteBuffer bytes, boolean onHeap) {
        ByteBuffer copy = onHeap ? ByteBuffer.allocate(bytes.capacity()) : ByteBuffer.allocateDirect(bytes.capacity());
        return copy.order(ByteOrder.LITTLE_ENDIAN).put(0, bytes, 0, bytes.capacity());
    }
}
