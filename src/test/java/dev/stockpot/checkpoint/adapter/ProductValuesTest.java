package dev.stockpot.checkpoint.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.MemorySource;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Products added to weights, bit for bit as plain Java forms them, from every kernel and for any part. */
class ProductValuesTest {
    private static TensorInfo info(Tensor tensor) {
        List<Long> shape = new ArrayList<>();
        for (String size : tensor.shape().replaceAll("[\\[\\]]", "").split(",")) {
            shape.add(Long.parseLong(size));
        }
        TensorMemory memory = TensorMemory.of(ByteBuffer.wrap(tensor.values()));
        MemorySource source = new MemorySource("memory", memory);
        return new TensorInfo("w", tensor.dtype(), shape, source, 0, tensor.values().length);
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            mode = Mode.INCLUDE,
            names = {"F64", "F32", "F16", "BF16", "F8_E5M2", "F8_E4M3"})
    void areThoseOfPlainJava(DType dtype) {
        Random random = new Random(dtype.ordinal());
        DType[] types = {DType.F64, DType.F32, DType.F16, DType.BF16};
        for (int round = 0; round < 40; round++) {
            int rank = 1 + random.nextInt(round % 8 == 0 ? 600 : 20);
            int outputs = 1 + random.nextInt(30);
            int inputs = 1 + random.nextInt(round % 5 == 0 ? 3000 : 60);
            DType own = round % 2 == 0 ? dtype : types[random.nextInt(types.length)];
            DType of = types[random.nextInt(types.length)];
            Tensor w = TestAdapters.numbers(own, random, outputs, inputs);
            Tensor a = TestAdapters.numbers(of, random, rank, inputs);
            Tensor b = TestAdapters.numbers(of, random, outputs, rank);
            double scale = random.nextGaussian();
            byte[] expected = TestAdapters.folded(
                    TestAdapters.values(w), TestAdapters.values(a), TestAdapters.values(b), rank, scale, dtype);
            Side rows = new Factors(List.of(new Factors.Part(info(b), rank, false, scale)));
            Side columns = new Factors(List.of(new Factors.Part(info(a), rank, true, 1)));
            for (Kernels kernels : KernelSelection.available()) {
                ProductValues values =
                        new ProductValues(Optional.of(info(w)), rows, columns, dtype, Optional.of(kernels));
                assertEquals(expected.length, values.bytes());
                assertPart(expected, values, 0, expected.length);
                for (int part = 0; part < 5; part++) {
                    int from = random.nextInt(expected.length + 1);
                    assertPart(expected, values, from, random.nextInt(expected.length - from + 1));
                }
            }
        }
    }

    private static void assertPart(byte[] expected, ProductValues values, int from, int length) {
        byte[] part = Arrays.copyOfRange(expected, from, from + length);
        for (ByteBuffer into : List.of(ByteBuffer.allocate(length), ByteBuffer.allocateDirect(length))) {
            values.read(from, into);
            assertEquals(0, into.remaining());
            byte[] found = new byte[length];
            into.flip().get(found);
            assertArrayEquals(part, found);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            mode = Mode.INCLUDE,
            names = {"F32", "BF16"})
    void transposedAreTheSame(DType dtype) {
        Random random = new Random(3);
        int outputs = 31;
        int inputs = 47;
        // Two adapters, one after the other.
        int[] ranks = {5, 3};
        double[] scales = {0.3, -2};
        Tensor w = TestAdapters.numbers(dtype, random, outputs, inputs);
        List<Factors.Part> left = new ArrayList<>();
        List<Factors.Part> right = new ArrayList<>();
        double[] sums = TestAdapters.values(w);
        for (int n = 0; n < 2; n++) {
            Tensor a = TestAdapters.numbers(dtype, random, ranks[n], inputs);
            Tensor b = TestAdapters.numbers(dtype, random, outputs, ranks[n]);
            left.add(new Factors.Part(info(b), ranks[n], false, scales[n]));
            right.add(new Factors.Part(info(a), ranks[n], true, 1));
            byte[] f64 = TestAdapters.folded(
                    sums, TestAdapters.values(a), TestAdapters.values(b), ranks[n], scales[n], DType.F64);
            sums = TestAdapters.values(new Tensor(DType.F64, "", f64));
        }
        byte[] plain = bytes(new ProductValues(Optional.of(info(w)), new Factors(left), new Factors(right), dtype));
        byte[] expected = TestAdapters.folded(sums, new double[inputs], new double[outputs], 1, 1, dtype);
        assertArrayEquals(expected, plain);
        byte[] turned = bytes(new ProductValues(
                Optional.of(info(transposed(w, outputs, inputs))), new Factors(right), new Factors(left), dtype));
        assertArrayEquals(
                expected,
                transposed(new Tensor(dtype, "", turned), inputs, outputs).values());
    }

    private static byte[] bytes(ProductValues values) {
        ByteBuffer bytes = ByteBuffer.allocate((int) values.bytes());
        values.read(0, bytes);
        return bytes.array();
    }

    private static Tensor transposed(Tensor tensor, int rows, int columns) {
        int width = tensor.dtype().bits() / 8;
        byte[] turned = new byte[tensor.values().length];
        for (int i = 0; i < rows * columns; i++) {
            int to = (i % columns * rows + i / columns) * width;
            System.arraycopy(tensor.values(), i * width, turned, to, width);
        }
        return new Tensor(tensor.dtype(), "[" + columns + "," + rows + "]", turned);
    }
}
