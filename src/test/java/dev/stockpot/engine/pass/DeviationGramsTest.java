package dev.stockpot.engine.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares inner products of deviations with exact arithmetic, and with themselves under other settings. */
class DeviationGramsTest {
    private static final DType[] TYPES = {DType.F32, DType.F64, DType.BF16, DType.F16, DType.F32};

    @TempDir
    Path folder;

    private final Random random = new Random(7);

    /** Values near a large common part, as fine-tuned weights are; {@code exact} receives what the stored bits decode to. */
    private TestFiles.Tensor near(DType dtype, double[] common, double[] exact) {
        ByteBuffer bytes = ByteBuffer.allocate((int) dtype.bytes(common.length)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < common.length; i++) {
            double value = common[i] + random.nextGaussian() * 1e-2;
            switch (dtype) {
                case F64 -> {
                    exact[i] = value;
                    bytes.putDouble(value);
                }
                case F32 -> {
                    exact[i] = (float) value;
                    bytes.putFloat((float) value);
                }
                case BF16 -> {
                    int bits = Float.floatToIntBits((float) value) & 0xFFFF0000;
                    exact[i] = Float.intBitsToFloat(bits);
                    bytes.putShort((short) (bits >> 16));
                }
                case F16 -> {
                    // 1 to 2 in steps of 2^-10.
                    int fraction = random.nextInt(1024);
                    exact[i] = 1 + fraction / 1024.0;
                    bytes.putShort((short) (0x3C00 | fraction));
                }
                default -> throw new IllegalArgumentException();
            }
        }
        return new TestFiles.Tensor(dtype, "[" + common.length + "]", bytes.array());
    }

    private record Models(List<TensorInfo> sources, TensorInfo origin, double[][] values, double[] base) {}

    private Models models(int elements) throws IOException {
        double[] common = random.doubles(elements, 50, 200).toArray();
        List<TensorInfo> sources = new ArrayList<>();
        double[][] values = new double[TYPES.length][elements];
        for (int k = 0; k < TYPES.length; k++) {
            sources.add(tensor("m" + k, near(TYPES[k], common, values[k])));
        }
        double[] base = new double[elements];
        return new Models(sources, tensor("base", near(DType.F32, common, base)), values, base);
    }

    private TensorInfo tensor(String name, TestFiles.Tensor tensor) throws IOException {
        Path file = TestFiles.write(folder.resolve(name + ".safetensors"), Map.of("w", tensor));
        return Checkpoint.open(file).tensors().get("w");
    }

    private static Engine settings(Kernels kernels, int threads, IoMode io, int tile) {
        return Engine.on(kernels, threads, io, tile);
    }

    private static Engine plain() {
        return settings(new JavaKernels(), 1, IoMode.READ, Engine.DEFAULT_TILE_BYTES);
    }

    @Test
    void agreesWithExactArithmetic() throws Exception {
        Models models = models(5000);
        List<Deviations> tensors = List.of(new Deviations("w", models.sources(), Optional.of(models.origin())));
        Gram gram = DeviationGrams.of(tensors, plain()).get(0);
        assertEquals(TYPES.length + 1, gram.vectors());
        for (int i = 0; i < TYPES.length; i++) {
            for (int j = 0; j < TYPES.length; j++) {
                double exact = exactProduct(models, i, j);
                double size = Math.sqrt(exactProduct(models, i, i) * exactProduct(models, j, j));
                assertEquals(exact, gram.product(i, j), 1e-13 * size, i + " " + j);
                assertEquals(gram.product(j, i), gram.product(i, j));
            }
            assertEquals(Math.sqrt(exactProduct(models, i, i)), gram.norm(i), 1e-12 * gram.norm(i));
        }
    }

    private static double exactProduct(Models models, int i, int j) {
        BigDecimal sum = BigDecimal.ZERO;
        for (int e = 0; e < models.base().length; e++) {
            BigDecimal origin = new BigDecimal(models.base()[e]);
            BigDecimal x = new BigDecimal(models.values()[i][e]).subtract(origin);
            BigDecimal y = new BigDecimal(models.values()[j][e]).subtract(origin);
            sum = sum.add(x.multiply(y));
        }
        return sum.doubleValue();
    }

    @Test
    void theMeanIsTheOriginWhereThereIsNone() throws Exception {
        Models models = models(3000);
        Gram gram = DeviationGrams.of(List.of(new Deviations("w", models.sources(), Optional.empty())), plain())
                .get(0);
        for (int i = 0; i < TYPES.length; i++) {
            double sum = 0;
            for (int j = 0; j < TYPES.length; j++) {
                sum += gram.product(i, j);
            }
            assertEquals(0, sum, 1e-9 * gram.product(i, i), "deviations from the mean sum to 0");
        }
    }

    @Test
    void theBitsDependOnNothingButTheValues() throws Exception {
        // More than one chunk, and a tail.
        Models models = models(700_001);
        List<Deviations> tensors = List.of(
                new Deviations("w", models.sources(), Optional.of(models.origin())),
                new Deviations("v", models.sources(), Optional.empty()));
        List<Gram> expected = DeviationGrams.of(tensors, plain());
        for (Kernels kernels : KernelSelection.available()) {
            for (int threads = 1; threads <= 4; threads++) {
                IoMode io = threads % 2 == 0 ? IoMode.MMAP : IoMode.READ;
                Engine settings = settings(kernels, threads, io, threads == 3 ? 20_000 : 2 << 20);
                List<Gram> found = DeviationGrams.of(tensors, settings);
                for (int t = 0; t < tensors.size(); t++) {
                    for (int i = 0; i <= TYPES.length; i++) {
                        for (int j = i; j <= TYPES.length; j++) {
                            assertEquals(
                                    Double.doubleToRawLongBits(expected.get(t).product(i, j)),
                                    Double.doubleToRawLongBits(found.get(t).product(i, j)),
                                    kernels.name() + ", " + threads + " threads");
                        }
                    }
                }
            }
        }
    }

    @Test
    void manyModelsAreMeasuredInBoundedBuffers() throws Exception {
        double[] common = random.doubles(3000, 1, 2).toArray();
        List<TensorInfo> sources = new ArrayList<>();
        for (int k = 0; k < 72; k++) {
            sources.add(tensor("m" + k, near(DType.F32, common, new double[common.length])));
        }
        List<Deviations> tensors = List.of(new Deviations("w", sources, Optional.empty()));
        Kernels kernels = KernelSelection.best();
        for (IoMode io : List.of(IoMode.READ, IoMode.MMAP)) {
            Engine settings = settings(kernels, 2, io, 2 << 20);
            Gram gram = DeviationGrams.of(tensors, settings).get(0);
            assertEquals(73, gram.vectors());
            assertTrue(gram.distance(0, 71) > 0);
        }
    }

    @Test
    void equalModelsHaveNoDistanceAndEmptyTensorsNoLength() throws Exception {
        Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
        model.put("w", near(DType.F32, random.doubles(5000, 1, 2).toArray(), new double[5000]));
        model.put("none", new TestFiles.Tensor(DType.F32, "[0]", new byte[0]));
        Checkpoint a = Checkpoint.open(TestFiles.write(folder.resolve("a.safetensors"), model));
        Checkpoint b = Checkpoint.open(TestFiles.write(folder.resolve("b.safetensors"), model));
        model.put("w", near(DType.F32, random.doubles(5000, 1, 2).toArray(), new double[5000]));
        Checkpoint base = Checkpoint.open(TestFiles.write(folder.resolve("c.safetensors"), model));
        List<Deviations> tensors = List.of("w", "none").stream()
                .map(n -> new Deviations(
                        n,
                        List.of(a.tensors().get(n), b.tensors().get(n)),
                        Optional.of(base.tensors().get(n))))
                .toList();
        List<Gram> grams = DeviationGrams.of(tensors, plain());
        assertEquals(0, grams.get(0).distance(0, 1));
        assertEquals(1, grams.get(0).cosine(0, 1), 1e-15);
        assertEquals(0, grams.get(1).norm(0));
        assertTrue(Double.isNaN(grams.get(1).angle(0, 1)));
        Gram sum = DeviationGrams.sum(grams);
        assertEquals(grams.get(0).product(0, 1), sum.product(0, 1));
    }

    @Test
    void aFileThatShrankIsNamed() throws Exception {
        Models models = models(400_000);
        try (RandomAccessFile file = new RandomAccessFile(
                models.sources().get(1).source().file().orElseThrow().toFile(), "rw")) {
            file.setLength(1000);
        }
        List<Deviations> tensors = List.of(new Deviations("w", models.sources(), Optional.empty()));
        CheckpointException e = assertThrows(CheckpointException.class, () -> DeviationGrams.of(tensors, plain()));
        assertTrue(e.getMessage().contains("m1.safetensors"), e.getMessage());
    }
}
