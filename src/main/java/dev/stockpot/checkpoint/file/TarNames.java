package dev.stockpot.checkpoint.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What is in a tar archive (POSIX ustar): the names at its start. */
final class TarNames {
    static final int MAGIC_AT = 257;
    static final String MAGIC = "ustar";

    private static final int BLOCK = 512;
    private static final int NAME_BYTES = 100;
    private static final int SIZE_AT = 124;
    private static final int SIZE_BYTES = 12;
    private static final int MOST_NAMES = 64;
    private static final int MOST_SHOWN = 3;

    /** The entries of PyTorch's first format. */
    private static final Set<String> FIRST_PYTORCH = Set.of("sys_info", "pickle", "storages", "tensors");

    private TarNames() {}

    /** What the archive is, and what to do about it. */
    static FileSniffer told(Path file) throws IOException {
        List<String> names = read(file);
        if (FIRST_PYTORCH.containsAll(names) && !names.isEmpty()) {
            return FileSniffer.not(
                    "a tar archive", "PyTorch before 0.2 saved these: load and save it again with a later one");
        }
        boolean nemo = file.toString().endsWith(".nemo") || names.contains("model_weights.ckpt");
        return FileSniffer.not(
                nemo ? "a NeMo archive, which is a tar" : "a tar archive",
                "unpack it (tar -xf) and name the checkpoint that was in it"
                        + (nemo
                                ? ", model_weights.ckpt"
                                : names.isEmpty()
                                        ? ""
                                        : "; it holds "
                                                + String.join(
                                                        ", ", names.subList(0, Math.min(names.size(), MOST_SHOWN)))));
    }

    private static List<String> read(Path file) throws IOException {
        List<String> names = new ArrayList<>();
        try (RandomFile in = RandomFile.open(file)) {
            byte[] header = new byte[BLOCK];
            long at = 0;
            while (names.size() < MOST_NAMES && in.read(ByteBuffer.wrap(header), at) == BLOCK && header[0] != 0) {
                String name = text(header, 0, NAME_BYTES);
                String plain = name.startsWith("./") ? name.substring(2) : name;
                if (!plain.isEmpty() && !plain.endsWith("/")) {
                    names.add(plain);
                }
                long bytes = size(text(header, SIZE_AT, SIZE_BYTES).trim());
                if (bytes < 0 || bytes > in.size()) {
                    break;
                }
                at += BLOCK + (bytes + BLOCK - 1) / BLOCK * BLOCK;
            }
        }
        return names;
    }

    private static String text(byte[] header, int from, int most) {
        int end = from;
        while (end < from + most && header[end] != 0) {
            end++;
        }
        return new String(header, from, end - from, StandardCharsets.UTF_8);
    }

    /** In octal digits; -1 if it is anything else, as sizes beyond 8 GiB are. */
    private static long size(String octal) {
        try {
            return octal.isEmpty() ? 0 : Long.parseLong(octal, 8);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
