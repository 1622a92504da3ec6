package dev.stockpot.engine.read;

import dev.stockpot.checkpoint.file.TensorValues;
import dev.stockpot.tensor.TensorInfo;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over a tensor's values as contiguous little-endian bytes. */
public final class TensorDigest {
    private static final int BLOCK = 1 << 18;

    private TensorDigest() {}

    /**
     * The digest in lower-case hexadecimal.
     *
     * @throws dev.stockpot.error.CheckpointException if the file cannot be read
     * @throws InterruptedException if the thread was interrupted
     */
    public static String sha256(TensorInfo tensor) throws InterruptedException {
        try (TensorValues values = TensorValues.open(tensor)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            ByteBuffer block = ByteBuffer.allocate((int) Math.min(BLOCK, tensor.bytes()));
            for (long at = 0; at < tensor.bytes(); at += BLOCK) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("cancelled");
                }
                block.clear().limit((int) Math.min(BLOCK, tensor.bytes() - at));
                values.read(at, block);
                digest.update(block.flip());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
