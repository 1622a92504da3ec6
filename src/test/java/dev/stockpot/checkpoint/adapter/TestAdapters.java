package dev.stockpot.checkpoint.adapter;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Makes adapters for tests, and their products in plain Java. */
public final class TestAdapters {
    public static final String PREFIX = "base_model.model.";

    private TestAdapters() {}

    /** Writes an adapter's directory. {@code settings} is JSON with single quotes, without peft_type. */
    public static Path write(Path folder, String settings, Map<String, Tensor> tensors) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(
                folder.resolve("adapter_config.json"),
                "{'peft_type': 'LORA'".replace('\'', '"') + (settings.isEmpty() ? "" : ", ")
                        + settings.replace('\'', '"') + "}");
        TestFiles.write(folder.resolve("adapter_model.safetensors"), tensors);
        return folder;
    }

    /** The factors of a linear layer, of random numbers. */
    public static Map<String, Tensor> linear(
            String module, int outputs, int inputs, int rank, DType dtype, Random random) {
        Map<String, Tensor> factors = new LinkedHashMap<>();
        factors.put(PREFIX + module + ".lora_A.weight", numbers(dtype, random, rank, inputs));
        factors.put(PREFIX + module + ".lora_B.weight", numbers(dtype, random, outputs, rank));
        return factors;
    }

    /** Random numbers around 0. */
    public static Tensor numbers(DType dtype, Random random, int... shape) {
        int elements = 1;
        StringBuilder sizes = new StringBuilder();
        for (int size : shape) {
            elements *= size;
            sizes.append(sizes.isEmpty() ? "" : ",").append(size);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) dtype.bytes(elements)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements; i++) {
            FloatFormat.encode(dtype, random.nextGaussian(), bytes, i * dtype.bits() / 8);
        }
        return new Tensor(dtype, "[" + sizes + "]", bytes.array());
    }

    /** A tensor's values. */
    public static double[] values(Tensor tensor) {
        ByteBuffer bytes = ByteBuffer.wrap(tensor.values()).order(ByteOrder.LITTLE_ENDIAN);
        int width = tensor.dtype().bits() / 8;
        double[] values = new double[tensor.values().length / width];
        for (int i = 0; i < values.length; i++) {
            values[i] = FloatFormat.decode(tensor.dtype(), bytes, i * width);
        }
        return values;
    }

    /**
     * What docs/numbers.md says folding computes, as the bytes of {@code dtype}.
     *
     * @param weights of a linear layer, [outputs, inputs]
     * @param scale of the product
     */
    public static byte[] folded(double[] weights, double[] a, double[] b, int rank, double scale, DType dtype) {
        int inputs = a.length / rank;
        int width = dtype.bits() / 8;
        ByteBuffer bytes = ByteBuffer.allocate(weights.length * width).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < weights.length; i++) {
            double sum = weights[i];
            for (int k = 0; k < rank; k++) {
                sum = Math.fma(scale * b[i / inputs * rank + k], a[k * inputs + i % inputs], sum);
            }
            FloatFormat.encode(dtype, sum, bytes, i * width);
        }
        return bytes.array();
    }
}
