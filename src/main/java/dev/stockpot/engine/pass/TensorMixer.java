package dev.stockpot.engine.pass;

import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.MixPlan;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.run.MixListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Mixes tensors into memory instead of a file. */
public final class TensorMixer {
    private TensorMixer() {}

    /**
     * Mixes {@code tensors} into the caller's memory in one run of all threads. After an exception the memory holds
     * anything.
     *
     * @param destination of each tensor's bytes
     * @throws dev.stockpot.error.CheckpointException where a file cannot be read, or changed meanwhile
     * @throws IllegalArgumentException where a buffer of {@code destination} has not the length it was asked for
     * @throws InterruptedException where the calling thread was interrupted; no thread is left running
     */
    public static void mix(
            List<MixTensor> tensors, Destination destination, EngineSettings settings, MixListener listener)
            throws InterruptedException {
        List<MixPlan.Placed> placed = new ArrayList<>(tensors.size());
        for (int t = 0; t < tensors.size(); t++) {
            placed.add(new MixPlan.Placed(tensors.get(t), t, 0));
        }
        try {
            new MixEngine(settings, listener).run(new MixPlan(placed), new MemorySink(destination));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Mixes {@code tensor} into {@code into}, from its position on; the position ends behind it.
     *
     * @throws IllegalArgumentException where not exactly as many bytes remain as the tensor takes
     */
    public static void mix(MixTensor tensor, ByteBuffer into, EngineSettings settings) throws InterruptedException {
        long bytes = tensor.how() instanceof MixTensor.Copy
                ? tensor.sources().get(0).bytes()
                : tensor.dtype().bytes(tensor.elements());
        if (into.remaining() != bytes) {
            throw new IllegalArgumentException(
                    "tensor " + tensor.name() + " takes " + bytes + " bytes but the buffer has " + into.remaining());
        }
        ByteBuffer target = into.slice();
        Destination destination = (index, offset, length) -> target.slice(Math.toIntExact(offset), length);
        mix(List.of(tensor), destination, settings, MixListener.silent());
        into.position(into.limit());
    }
}
