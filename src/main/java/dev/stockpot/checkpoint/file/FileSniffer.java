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
import java.util.Locale;
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
        INDEX,
        NONE
    }

    private static final int LOOKED_AT = 1024;
    /** Offset of a tar archive's magic. */
    private static final int TAR_MAGIC = 257;
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
                return not("the index of a TensorFlow checkpoint", "convert it to safetensors first");
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

    private static FileSniffer otherwise(byte[] start, Path file) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        String trimmed = text.stripLeading().toLowerCase(Locale.ROOT);
        if (start.length == 0) {
            return not("an empty file", "an interrupted download or a full disk leaves these: fetch it again");
        }
        if (text.startsWith("PK\3\4") || text.startsWith("PK\5\6")) {
            return new FileSniffer(Kind.TORCH, "a zip archive", Optional.empty());
        }
        if (start[0] == (byte) 0x80 && start.length > 1 && start[1] >= 2 && start[1] <= 5) {
            return new FileSniffer(Kind.TORCH, "a Python pickle", Optional.empty());
        }
        if (text.length() > TAR_MAGIC && text.startsWith("ustar", TAR_MAGIC)) {
            return not("a tar archive", "PyTorch before 0.2 saved these: load and save it again with a later one");
        }
        if (text.startsWith("version https://git-lfs")) {
            return not("a Git LFS pointer, not the file itself", "fetch it with: git lfs pull");
        }
        if (trimmed.startsWith("<!doctype html") || trimmed.startsWith("<html") || trimmed.startsWith("<head")) {
            return not("an HTML page", "the download returned a web page, perhaps a login or an error: fetch it again");
        }
        if (file.getFileName().toString().matches(".*\\.data-\\d{5}-of-\\d{5}")) {
            return not("the values of a TensorFlow checkpoint", "convert it to safetensors first");
        }
        if (text.startsWith("GGUF")) {
            return not("a GGUF file");
        }
        if (text.startsWith("\211HDF\r\n")) {
            return not("an HDF5 file (Keras or TensorFlow)");
        }
        if (text.startsWith("\223NUMPY")) {
            return not("a NumPy array");
        }
        if (text.startsWith("\37\213")) {
            return not("a gzip file", "unpack it first");
        }
        boolean json = trimmed.startsWith("{") || trimmed.startsWith("[");
        if (json && (file.getFileName().toString().endsWith(".index.json") || text.contains("\"weight_map\""))) {
            return new FileSniffer(Kind.INDEX, "an index of shards", Optional.empty());
        }
        if (json) {
            return not("a JSON file");
        }
        if (text.startsWith("\b\1\22")) {
            return not("a TensorFlow saved model", "convert it to safetensors first");
        }
        if (text.startsWith("TFL3", 4)) {
            return not("a TensorFlow Lite model");
        }
        if (looksLikeMessagePack(start)) {
            return not("a MessagePack file, as Flax writes", "convert it to safetensors first");
        }
        if (text.chars().allMatch(c -> c == 0)) {
            return not("a file that starts with zero bytes", "the download did not finish: fetch it again");
        }
        if (text.chars().allMatch(c -> c == '\t' || c == '\n' || c == '\r' || (c >= ' ' && c < 127))) {
            return not("a text file");
        }
        return not("some other kind of data, or a damaged file");
    }

    /** A map whose first key is text. */
    private static boolean looksLikeMessagePack(byte[] start) {
        int first = start[0] & 0xFF;
        int key = first == 0xDE ? 3 : first == 0xDF ? 5 : first > 0x80 && first < 0x90 ? 1 : start.length;
        return key < start.length && ((start[key] & 0xE0) == 0xA0 || (start[key] & 0xFF) == 0xD9);
    }

    private static FileSniffer not(String what) {
        return new FileSniffer(Kind.NONE, what, Optional.empty());
    }

    private static FileSniffer not(String what, String hint) {
        return new FileSniffer(Kind.NONE, what, Optional.of(hint));
    }
}
