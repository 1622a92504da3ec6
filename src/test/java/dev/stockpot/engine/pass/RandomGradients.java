package dev.stockpot.engine.pass;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.io.TempDir;

/** Gradients of random values. */
abstract class RandomGradients {
    static final int[] SIZES = {1, 0, 37, Dot.BLOCK, Dot.CHUNK - 1, Dot.CHUNK, 3 * Dot.CHUNK + 4321};

    @TempDir
    Path folder;

    static List<ByteBuffer> memory(List<TensorGradient> gradients) {
        return gradients.stream()
                .map(g -> ByteBuffer.allocateDirect((int) g.sources().get(0).bytes()))
                .toList();
    }

    static Engine threads(int threads) {
        return Engine.on(KernelSelection.best(), threads, IoMode.AUTO, 1 << 18);
    }

    /** Memory whose slices come from a function of their length. */
    static TensorMemory memory(long bytes, IntFunction<ByteBuffer> slices) {
        return new TensorMemory() {
            @Override
            public long bytes() {
                return bytes;
            }

            @Override
            public ByteBuffer slice(long offset, int length) {
                return slices.apply(length);
            }
        };
    }

    /** Gradients of one tensor per size. */
    List<TensorGradient> randomGradients(DType gradient, DType source, int ingredients) throws IOException {
        Random random = new Random(7);
        List<Map<String, TensorInfo>> checkpoints = new ArrayList<>();
        for (int k = 0; k < ingredients; k++) {
            Map<String, TestFiles.Tensor> tensors = new LinkedHashMap<>();
            for (int t = 0; t < SIZES.length; t++) {
                tensors.put("t" + t, finite(source, SIZES[t], random));
            }
            Path file = TestFiles.write(folder.resolve(k + ".safetensors"), tensors);
            checkpoints.add(Checkpoint.open(file).tensors());
        }
        List<TensorGradient> gradients = new ArrayList<>();
        for (int t = 0; t < SIZES.length; t++) {
            String name = "t" + t;
            ByteBuffer values = ByteBuffer.allocateDirect((int) gradient.bytes(SIZES[t]));
            values.put(finite(gradient, SIZES[t], random).values()).clear();
            List<TensorInfo> sources =
                    checkpoints.stream().map(tensors -> tensors.get(name)).toList();
            gradients.add(new TensorGradient(name, gradient, TensorMemory.of(values), sources));
        }
        return gradients;
    }

    /** Random values of magnitude below 2: the top bit of the exponent is cleared. */
    static TestFiles.Tensor finite(DType dtype, int elements, Random random) {
        TestFiles.Tensor tensor = TestFiles.random(dtype, elements, random);
        int step = dtype.bits() / 8;
        for (int i = step - 1; i < tensor.values().length; i += step) {
            tensor.values()[i] &= (byte) 0xBF;
        }
        return tensor;
    }
}
