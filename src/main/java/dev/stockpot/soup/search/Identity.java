package dev.stockpot.soup.search;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What tells a checkpoint from another, and from itself before it was written anew. */
public final class Identity {
    private static final int SHOWN = 8;

    private Identity() {}

    /** Path, size, time of the last change, and a hash of what the header says; no value is read. */
    public static String of(Checkpoint checkpoint) {
        try {
            MessageDigest header = MessageDigest.getInstance("SHA-256");
            for (TensorInfo tensor : checkpoint.tensors().values()) {
                String line = tensor.name() + '\0' + tensor.dtype() + tensor.shape() + tensor.offset() + '\n';
                header.update(line.getBytes(StandardCharsets.UTF_8));
            }
            StringBuilder text =
                    new StringBuilder(checkpoint.path().toRealPath().toString());
            text.append(" (").append(checkpoint.bytes()).append(" bytes");
            for (Checkpoint.FileSize file : checkpoint.files()) {
                text.append(", ").append(Files.getLastModifiedTime(file.file()));
            }
            String hash = HexFormat.of().formatHex(header.digest(), 0, SHOWN);
            return text.append(", header ").append(hash).append(')').toString();
        } catch (IOException e) {
            throw new CheckpointException(checkpoint.path(), "went away: " + e.getMessage(), null, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
