package dev.stockpot.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Mixes one tensor into memory instead of a file. */
public final class TensorMixer {
    private TensorMixer() {}

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
        MixPlan plan = new MixPlan(List.of(new MixPlan.Placed(tensor, 0, 0)));
        ByteBuffer target = into.slice();
        try {
            new MixEngine(settings, MixListener.silent())
                    .run(
                            plan,
                            (output, offset, tile) -> target.duplicate()
                                    .position(Math.toIntExact(offset))
                                    .put(tile));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        into.position(into.limit());
    }
}
