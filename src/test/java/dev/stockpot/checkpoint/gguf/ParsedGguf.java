package dev.stockpot.checkpoint.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A whole file in memory, parsed by the letter of docs/gguf.md: for tests of what was written. Little-endian. */
public final class ParsedGguf {
    private final ByteBuffer in;
    public final Map<String, Object> metadata = new LinkedHashMap<>();
    public final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /** A tensor with its sizes as the file has them, its type's number, and its values. */
    public record Tensor(List<Long> sizes, int type, long offset, byte[] rest) {}

    private ParsedGguf(byte[] bytes) {
        in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    public static ParsedGguf of(Path file) throws IOException {
        ParsedGguf parsed = new ParsedGguf(Files.readAllBytes(file));
        parsed.parse();
        return parsed;
    }

    private void parse() {
        require(in.getInt() == 0x46554747, "magic");
        require(in.getInt() >= 2, "version");
        long count = in.getLong();
        for (long left = in.getLong(); left > 0; left--) {
            String key = text();
            require(metadata.put(key, value(in.getInt())) == null, key);
        }
        int alignment = ((Number) metadata.getOrDefault("general.alignment", 32)).intValue();
        List<Object[]> infos = new ArrayList<>();
        for (long k = 0; k < count; k++) {
            String name = text();
            Long[] sizes = new Long[in.getInt()];
            for (int d = 0; d < sizes.length; d++) {
                sizes[d] = in.getLong();
            }
            infos.add(new Object[] {name, List.of(sizes), in.getInt(), in.getLong()});
        }
        int data = (in.position() + alignment - 1) / alignment * alignment;
        require(in.capacity() % alignment == 0, "length");
        for (Object[] info : infos) {
            long offset = (Long) info[3];
            require(offset % alignment == 0, "offset");
            byte[] rest = Arrays.copyOfRange(in.array(), (int) (data + offset), in.capacity());
            @SuppressWarnings("unchecked")
            List<Long> sizes = (List<Long>) info[1];
            tensors.put((String) info[0], new Tensor(sizes, (Integer) info[2], offset, rest));
        }
    }

    private static void require(boolean right, String what) {
        if (!right) {
            throw new AssertionError(what);
        }
    }

    private String text() {
        byte[] bytes = new byte[Math.toIntExact(in.getLong())];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private Object value(int type) {
        return switch (type) {
            case 0, 1, 7 -> (int) in.get();
            case 2, 3 -> (int) in.getShort();
            case 4, 5 -> in.getInt();
            case 6 -> in.getFloat();
            case 8 -> text();
            case 9 -> {
                int of = in.getInt();
                List<Object> values = new ArrayList<>();
                for (long left = in.getLong(); left > 0; left--) {
                    values.add(value(of));
                }
                yield values;
            }
            case 10, 11 -> in.getLong();
            case 12 -> in.getDouble();
            default -> throw new AssertionError("type " + type);
        };
    }
}
