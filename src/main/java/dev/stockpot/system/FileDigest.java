package dev.stockpot.system;

import dev.stockpot.error.CheckpointException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of a file. */
public final class FileDigest {
    private static final int BLOCK = 1 << 16;
    private static final int SAMPLES = 16;
    private static final int SAMPLE = 1 << 12;

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

    /**
     * The digest of its length and of some blocks of it, evenly from beginning to end: it tells two models apart, but not two
     * files of which one is damaged.
     *
     * @throws CheckpointException if it cannot be read
     */
    public static String sampled(Path file) {
        Parts digest = new Parts();
        try (SeekableByteChannel in = Files.newByteChannel(file)) {
            long length = in.size();
            digest.add(Long.toString(length));
            for (int k = 0; k < SAMPLES; k++) {
                ByteBuffer block = ByteBuffer.allocate(SAMPLE);
                in.position(Math.max(0, length - SAMPLE) / (SAMPLES - 1) * k);
                while (block.hasRemaining() && in.read(block) > 0) {
                    // Until the block or the file ends.
                }
                digest.add(block.array());
            }
            return digest.value();
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }

    /** The SHA-256 of several texts or bytes, with their lengths, so that no two are added as one. */
    public static final class Parts {
        private final MessageDigest digest = sha256();

        /** Adds a text. */
        public void add(String text) {
            add(text.getBytes(StandardCharsets.UTF_8));
        }

        /** Adds bytes. */
        public void add(byte[] bytes) {
            digest.update(
                    ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
            digest.update(bytes);
        }

        /** The digest in lower-case hexadecimal, once everything is added. */
        public String value() {
            return HexFormat.of().formatHex(digest.digest());
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String sha256(Path file, boolean interruptibly) throws InterruptedException {
        try (InputStream in = open(file)) {
            MessageDigest digest = sha256();
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
        }
    }
}
