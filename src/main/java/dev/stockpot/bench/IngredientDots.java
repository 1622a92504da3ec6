package dev.stockpot.bench;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.pass.GradientDots;
import dev.stockpot.engine.pass.TensorGradient;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.MemoryPart;
import dev.stockpot.memory.NativeMemory;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** A learned soup's reduction: the dot products of F32 gradients, in memory, with every ingredient. */
final class IngredientDots implements AutoCloseable {
    private static final int STEP = 1 << 20;

    private final NativeMemory gradients;

    /** Gradients for checkpoints like {@code pattern}, all 0.5. */
    IngredientDots(Checkpoint pattern) {
        gradients = NativeMemory.allocate(Math.max(1, pattern.parameters() * Float.BYTES));
        for (long at = 0; at < gradients.size(); at += STEP) {
            FloatBuffer floats = gradients
                    .slice(at, (int) Math.min(STEP, gradients.size() - at))
                    .asFloatBuffer();
            while (floats.hasRemaining()) {
                floats.put(0.5f);
            }
        }
    }

    /** The gradients' memory. */
    Memory memory() {
        return gradients;
    }

    /** Computes the dot products of every float tensor. */
    void multiply(List<Checkpoint> ingredients, Engine engine) throws InterruptedException {
        List<TensorGradient> tensors = new ArrayList<>();
        long at = 0;
        for (TensorInfo tensor : ingredients.get(0).tensors().values()) {
            if (tensor.dtype().isFloat()) {
                long bytes = tensor.elements() * Float.BYTES;
                tensors.add(new TensorGradient(
                        tensor.name(),
                        DType.F32,
                        new MemoryPart(gradients, at, bytes),
                        ingredients.stream()
                                .map(i -> i.tensors().get(tensor.name()))
                                .toList()));
                at += bytes;
            }
        }
        GradientDots.of(tensors, engine);
    }

    @Override
    public void close() {
        gradients.close();
    }
}
