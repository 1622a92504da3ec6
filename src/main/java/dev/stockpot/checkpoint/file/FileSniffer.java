package dev.stockpot.checkpoint.file;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a file is, recognised by its first bytes.
 *
 * @param kind which reader can read it
 * @param what it looks like, with an article
 * @param hint what to do about it, if anything
 */
public record FileSniffer(Kind kind, String what, Optional<String> hint) {
    /** The readers. */
    public enum Kind {
        SAFETENSORS,
        /** A zip archive or a pickle, perhaps PyTorch's. */
        TORCH,
        /** A zip archive of NumPy's arrays, or one array. */
        NUMPY,
        GGUF,
        ONNX,
        INDEX,
        NONE
    }

    private static final int LOOKED_AT = 1024;
    /** The end of TensorFlow's index, which is a table (tensorflow/core/lib/io/format.h, kTableMagicNumber). */
    private static final long TABLE_MAGIC = 0xDB4775248B80FB57L;

    private static final int TABLE_FOOTER = 48;

    /**
     * Looks at a file.
     *
     * @throws CheckpointException if it is not a regular file, or cannot be read
     */
    public static FileSniffer of(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(Reason.UNREADABLE, file, "is not a regular file");
        }
        if (!Files.isReadable(file)) {
            throw new CheckpointException(Reason.UNREADABLE, file, "is not readable by this user");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(LOOKED_AT);
            if (looksLikeSafetensors(start)) {
                return new FileSniffer(Kind.SAFETENSORS, "a safetensors file", Optional.empty());
            }
            if (endsLikeTensorFlowIndex(file)) {
                return not("the index of a TensorFlow checkpoint", OtherFiles.FROM_TENSORFLOW);
            }
            return otherwise(start, file);
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }

    /** A length, followed by a JSON object (huggingface/safetensors, "Format"). */
    private static boolean looksLikeSafetensors(byte[] start) {
        return start.length > Long.BYTES
                && start[Long.BYTES] == '{'
                && ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong() >= 2;
    }

    private static boolean endsLikeTensorFlowIndex(Path file) throws IOException {
        try (RandomFile in = RandomFile.open(file)) {
            ByteBuffer end = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            return in.size() >= TABLE_FOOTER
                    && in.read(end, in.size() - Long.BYTES) == Long.BYTES
                    && end.getLong(0) == TABLE_MAGIC;
        }
    }

    private static FileSniffer otherwise(byte[] start, Path file) throws IOException {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (text.startsWith("PK\3\4") || text.startsWith("PK\5\6")) {
            return isNumpyZip(start, text, file)
                    ? new FileSniffer(Kind.NUMPY, "an archive of NumPy", Optional.empty())
                    : new FileSniffer(Kind.TORCH, "a zip archive", Optional.empty());
        }
        if (text.startsWith("GGUF")) {
            return new FileSniffer(Kind.GGUF, "a GGUF file", Optional.empty());
        }
        if (text.startsWith("\223NUMPY")) {
            return new FileSniffer(Kind.NUMPY, "an array of NumPy", Optional.empty());
        }
        if (start.length > 1 && start[0] == (byte) 0x80 && start[1] >= 2 && start[1] <= 5) {
            return new FileSniffer(Kind.TORCH, "a Python pickle", Optional.empty());
        }
        if (text.length() > TarNames.MAGIC_AT && text.startsWith(TarNames.MAGIC, TarNames.MAGIC_AT)) {
            return TarNames.told(file);
        }
        boolean json =
                text.stripLeading().startsWith("{") || text.stripLeading().startsWith("[");
        if (json && (file.getFileName().toString().endsWith(".index.json") || text.contains("\"weight_map\""))) {
            return new FileSniffer(Kind.INDEX, "an index of shards", Optional.empty());
        }
        return OtherFiles.told(start, text, file);
    }

    /** Whether the first entry of a zip archive is an array of NumPy, or the name says that there are such in it. */
    private static boolean isNumpyZip(byte[] start, String text, Path file) {
        int name = 30; // after the fixed part of a local header
        int end = start.length < name
                ? 0
                : name
                        + Short.toUnsignedInt(ByteBuffer.wrap(start)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getShort(26));
        return file.getFileName().toString().endsWith(".npz")
                || (end > name && end <= text.length() && text.startsWith(".npy", end - 4));
    }

    static FileSniffer not(String what) {
        return new FileSniffer(Kind.NONE, what, Optional.empty());
    }

    static FileSniffer not(String what, String hint) {
        return new FileSniffer(Kind.NONE, what, Optional.of(hint));
    }
}
