package dev.stockpot.checkpoint.onnx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Keys with their values (onnx.proto, {@code StringStringEntryProto}): a model's metadata, and places in data files. */
final class Metadata {
    static final int KEY = 1;
    static final int VALUE = 2;

    private Metadata() {}

    /** The entry whose message was entered. */
    static Map.Entry<String, String> entry(ProtoInput in, int longest) throws IOException {
        String key = "";
        String value = "";
        for (int field = in.field(); field != 0; field = in.field()) {
            switch (field) {
                case KEY -> key = in.text(longest);
                case VALUE -> value = in.text(longest);
                default -> in.skip();
            }
        }
        return Map.entry(key, value);
    }

    /** A field that holds an entry. */
    static byte[] field(int number, String key, String value) {
        ByteArrayOutputStream entry = new ByteArrayOutputStream();
        entry.writeBytes(text(KEY, key));
        entry.writeBytes(text(VALUE, value));
        return bytes(number, entry.toByteArray());
    }

    private static byte[] text(int number, String text) {
        return bytes(number, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] bytes(int number, byte[] bytes) {
        ByteArrayOutputStream field = new ByteArrayOutputStream();
        field.writeBytes(varint((long) number << 3 | ProtoInput.BYTES));
        field.writeBytes(varint(bytes.length));
        field.writeBytes(bytes);
        return field.toByteArray();
    }

    /** A number as the wire format has it. */
    static byte[] varint(long value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
        return bytes.toByteArray();
    }
}
