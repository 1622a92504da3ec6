package dev.stockpot.system;

import dev.stockpot.error.CheckpointException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of a file. */
public final class FileDigest {
    private static final int BLOCK = 1 << 16;

    private FileDigest() {}

    /**
     * The digest of all its bytes, in lower-case hexadecimal.
     *
     * @throws CheckpointException if it cannot be read
     */
    public static String sha256(Path file) {
        try {
            return sha256(file, false);
        } catch (InterruptedException e) {
            throw new AssertionError("it was not to be interrupted", e);
        }
    }

    /**
     * The same, which may take long.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public static String sha256Interruptibly(Path file) throws InterruptedException {
        return sha256(file, true);
    }

    /** An interrupt does not close it if it is on a disk. */
    private static InputStream open(Path file) throws IOException {
        return file.getFileSystem() == FileSystems.getDefault()
                ? new FileInputStream(file.toFile())
                : Files.newInputStream(file);
    }

    private static String sha256(Path file, boolean interruptibly) throws InterruptedException {
        try (InputStream in = open(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] some = new byte[BLOCK];
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                digest.update(some, 0, n);
                if (interruptibly && Thread.interrupted()) {
                    throw new InterruptedException("cancelled");
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
