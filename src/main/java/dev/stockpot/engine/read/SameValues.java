package dev.stockpot.engine.read;

import dev.stockpot.checkpoint.file.TensorValues;
import dev.stockpot.tensor.TensorInfo;
import java.nio.ByteBuffer;

/** Whether two tensors hold the same bytes. */
public final class SameValues {
    private static final int BLOCK = 1 << 16;

    private SameValues() {}

    /**
     * Whether dtype, length and every byte are the same.
     *
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read
     * @throws InterruptedException if the thread was interrupted
     */
    public static boolean of(TensorInfo a, TensorInfo b) throws InterruptedException {
        if (a.equals(b)) {
            return true;
        }
        if (a.dtype() != b.dtype() || a.bytes() != b.bytes()) {
            return false;
        }
        try (TensorValues left = TensorValues.open(a);
                TensorValues right = TensorValues.open(b)) {
            ByteBuffer x = ByteBuffer.allocate(BLOCK);
            ByteBuffer y = ByteBuffer.allocate(BLOCK);
            for (long at = 0; at < a.bytes(); at += BLOCK) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("cancelled");
                }
                int count = (int) Math.min(BLOCK, a.bytes() - at);
                left.read(at, x.clear().limit(count));
                right.read(at, y.clear().limit(count));
                if (x.flip().mismatch(y.flip()) >= 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
