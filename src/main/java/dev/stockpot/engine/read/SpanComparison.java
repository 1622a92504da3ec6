package dev.stockpot.engine.read;

import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** Whether two tensors hold the same bytes. */
public final class SpanComparison {
    private static final int BLOCK = 1 << 16;

    private SpanComparison() {}

    /**
     * Whether dtype, length and every byte are the same.
     *
     * @throws dev.stockpot.error.CheckpointException where a file cannot be read
     */
    public static boolean sameValues(TensorInfo a, TensorInfo b) {
        if (a.equals(b)) {
            return true;
        }
        if (a.dtype() != b.dtype() || a.bytes() != b.bytes()) {
            return false;
        }
        try (InputFile left = InputFile.open(a.file(), IoMode.READ, true);
                InputFile right = InputFile.open(b.file(), IoMode.READ, true)) {
            ByteBuffer x = ByteBuffer.allocateDirect(BLOCK);
            ByteBuffer y = ByteBuffer.allocateDirect(BLOCK);
            for (long at = 0; at < a.bytes(); at += BLOCK) {
                int count = (int) Math.min(BLOCK, a.bytes() - at);
                left.read(a.offset() + at, x.clear().limit(count));
                right.read(b.offset() + at, y.clear().limit(count));
                if (x.flip().mismatch(y.flip()) >= 0) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
