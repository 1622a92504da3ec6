package dev.stockpot.engine.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Average;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GradientDotsTest extends RandomGradients {
    @Test
    void theSumsFollowTheContractHoweverTheyAreComputed() throws Exception {
        List<TensorGradient> gradients = randomGradients(DType.F32, DType.BF16, 3);
        double[][] expected = gradients.stream()
                .map(g -> g.sources().stream().mapToDouble(s -> contract(g, s)).toArray())
                .toArray(double[][]::new);
        for (Kernels kernels : KernelSelection.available()) {
            for (IoMode io : TestFiles.waysToRead(folder)) {
                for (int threads : new int[] {1, 2, 8}) {
                    for (int tileBytes : new int[] {64, 100_000, 2 << 20}) {
                        // Plain Java is slow: once is enough.
                        if (!(kernels instanceof JavaKernels) || threads == 2 && tileBytes == 100_000) {
                            Engine settings = Engine.on(kernels, threads, io, tileBytes);
                            assertSame(expected, GradientDots.of(gradients, settings), settings);
                        }
                    }
                }
            }
        }
    }

    private static void assertSame(double[][] expected, double[][] actual, Engine settings) {
        for (int t = 0; t < expected.length; t++) {
            assertArrayEquals(expected[t], actual[t], "tensor " + t + ", " + settings);
        }
    }

    @Test
    void everyThreadCountGivesTheSameBitsForEveryType() throws Exception {
        for (DType source : List.of(DType.F64, DType.F32, DType.F16, DType.BF16, DType.F8_E4M3, DType.F8_E5M2)) {
            for (DType gradient : List.of(DType.F32, DType.F64)) {
                List<TensorGradient> gradients = randomGradients(gradient, source, 2);
                double[][] one = GradientDots.of(gradients, threads(1));
                for (int threads = 2; threads <= 8; threads++) {
                    Engine settings = threads(threads);
                    assertSame(one, GradientDots.of(gradients, settings), settings);
                }
            }
        }
    }

    @Test
    void whatIsNotANumberStaysSo() throws Exception {
        TensorGradient gradient = randomGradients(DType.F32, DType.F32, 1).get(2);
        gradient.values().slice(4, 4).putInt(0xFFC01234);
        double[][] dots = GradientDots.of(List.of(gradient), threads(2));
        assertEquals(Double.doubleToRawLongBits(Double.NaN), Double.doubleToRawLongBits(dots[0][0]));
    }

    @Test
    void aMixAfterTheDotsIsTheMixOfItsOwn() throws Exception {
        List<TensorGradient> gradients = randomGradients(DType.F32, DType.F32, 3);
        for (int threads : new int[] {1, 3}) {
            for (int tileBytes : new int[] {10_000, 2 << 20}) {
                Engine settings = Engine.on(KernelSelection.best(), threads, IoMode.AUTO, tileBytes);
                double[][] expected = GradientDots.of(gradients, settings);
                double[][] seen = new double[gradients.size()][];
                List<ByteBuffer> mixed = memory(gradients);
                List<DType> dtypes =
                        gradients.stream().map(g -> g.sources().get(0).dtype()).toList();
                GradientDots.thenMix(
                        gradients,
                        dtypes,
                        (tensor, dots) -> {
                            seen[tensor] = dots;
                            return tensor == 3 ? Optional.empty() : Optional.of(average(dots));
                        },
                        mixed.stream().map(TensorMemory::of).toList(),
                        settings);
                assertSame(expected, seen, settings);
                for (int t = 0; t < gradients.size(); t++) {
                    ByteBuffer alone = memory(gradients).get(t);
                    if (t != 3) {
                        MemoryMixer.mix(
                                List.of(mixTensor(gradients.get(t), average(expected[t]))),
                                List.of(TensorMemory.of(alone)),
                                settings);
                    }
                    assertEquals(-1, alone.mismatch(mixed.get(t)), "tensor " + t + ", " + settings);
                }
            }
        }
    }

    private static Average average(double[] dots) {
        return new Average(new double[] {dots[0], 1, 0.5}, 1);
    }

    private static MixTensor mixTensor(TensorGradient gradient, Average how) {
        TensorInfo first = gradient.sources().get(0);
        return new MixTensor(gradient.name(), first.dtype(), first.shape(), gradient.sources(), how);
    }

    @Test
    void aTensorFarLargerThanTheHeapIsMultiplied() throws Exception {
        long elements = (2L << 30) + Dot.CHUNK + 1;
        Path large = TestFiles.sparse(folder.resolve("large.safetensors"), "w", DType.F8_E4M3, elements);
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.seek(file.length() - 1);
            file.write(0x38); // 1 as F8_E4M3
        }
        TensorInfo tensor = Checkpoint.open(large).tensor("w");
        ByteBuffer twos = ByteBuffer.allocateDirect(8 * Dot.CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < Dot.CHUNK; i++) {
            twos.putDouble(8 * i, 2);
        }
        TensorGradient gradient = new TensorGradient(
                "w", DType.F64, memory(8 * elements, length -> twos.slice(0, length)), List.of(tensor));
        double[][] dots = GradientDots.of(List.of(gradient), threads(2));
        assertArrayEquals(new double[] {2}, dots[0]);
    }

    /** The contract of docs/numbers.md again, for values that double holds. */
    private static double contract(TensorGradient gradient, TensorInfo source) {
        ByteBuffer g = gradient.values().slice(0, (int) gradient.values().bytes());
        ByteBuffer x;
        try {
            x = ByteBuffer.wrap(Files.readAllBytes(source.source().file().orElseThrow()))
                    .order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        int n = (int) source.elements();
        double total = 0;
        for (int chunk = 0; chunk < n; chunk += 262_144) {
            double chunkSum = 0;
            for (int block = chunk; block < Math.min(n, chunk + 262_144); block += 2048) {
                double[] lane = new double[32];
                for (int i = block; i < Math.min(n, block + 2048); i++) {
                    int bits = x.getShort((int) source.offset() + 2 * i) << 16;
                    lane[i % 32] += (double) g.getFloat(4 * i) * Float.intBitsToFloat(bits);
                }
                for (int half = 16; half > 0; half /= 2) {
                    for (int j = 0; j < half; j++) {
                        lane[j] += lane[j + half];
                    }
                }
                chunkSum += lane[0];
            }
            total += chunkSum;
        }
        return total;
    }
}
