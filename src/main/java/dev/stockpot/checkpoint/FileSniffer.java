package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.safetensors.Safetensors;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What a file is, told from its first bytes.
 *
 * @param safetensors whether it can be a safetensors file
 * @param what it looks like otherwise, with an article
 * @param hint what to do about it, or null
 */
record FileSniffer(boolean safetensors, String what, String hint) {
    private static final int LOOKED_AT = 1024;

    static FileSniffer of(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(LOOKED_AT);
            if (Safetensors.looksLike(ByteBuffer.wrap(start), Files.size(file))) {
                return new FileSniffer(true, "a safetensors file", null);
            }
            return otherwise(start);
        } catch (IOException e) {
            throw new CheckpointException(file, "cannot be read: " + e.getMessage(), null, e);
        }
    }

    private static FileSniffer otherwise(byte[] start) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        String trimmed = text.stripLeading().toLowerCase(Locale.ROOT);
        if (start.length == 0) {
            return not("an empty file", "an interrupted download or a full disk leaves these: fetch it again");
        }
        if (text.startsWith("PK\3\4")) {
            return text.contains("data.pkl") || text.contains("/version") || text.contains("/byteorder")
                    ? not("a PyTorch file (zip)", "this version reads safetensors: convert it first")
                    : not("a zip archive", null);
        }
        if (text.startsWith("\200\2\212\nl\374\234F\371 j\250P\31")) {
            return not("a PyTorch file (legacy format)", "this version reads safetensors: convert it first");
        }
        if (start[0] == (byte) 0x80 && start.length > 1 && start[1] >= 2 && start[1] <= 5) {
            return not("a Python pickle", null);
        }
        if (text.startsWith("version https://git-lfs")) {
            return not("a Git LFS pointer, not the file itself", "fetch it with: git lfs pull");
        }
        if (trimmed.startsWith("<!doctype html") || trimmed.startsWith("<html") || trimmed.startsWith("<head")) {
            return not("an HTML page", "the download gave a web page, perhaps a login or an error: fetch it again");
        }
        if (text.startsWith("GGUF")) {
            return not("a GGUF file", null);
        }
        if (text.startsWith("\211HDF\r\n")) {
            return not("an HDF5 file (Keras or TensorFlow)", null);
        }
        if (text.startsWith("\223NUMPY")) {
            return not("a NumPy array", null);
        }
        if (text.startsWith("\37\213")) {
            return not("a gzip file", "unpack it first");
        }
        if (trimmed.startsWith("{") || trimmed.startsWith("[")) {
            return not("a JSON file", null);
        }
        if (text.chars().allMatch(c -> c == 0)) {
            return not("all zero bytes at its start", "the download did not finish: fetch it again");
        }
        if (text.chars().allMatch(c -> c == '\t' || c == '\n' || c == '\r' || (c >= ' ' && c < 127))) {
            return not("a text file", null);
        }
        return not("some other kind of data, or a damaged file", null);
    }

    private static FileSniffer not(String what, String hint) {
        return new FileSniffer(false, what, hint);
    }
}
