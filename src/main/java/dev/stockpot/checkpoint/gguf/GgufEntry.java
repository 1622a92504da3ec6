package dev.stockpot.checkpoint.gguf;

import dev.stockpot.text.Printable;
import java.io.IOException;
import java.util.OptionalLong;

/**
 * One entry of the metadata. Its value stays in the file, except for numbers and texts that are short.
 *
 * @param at where it begins in the file
 * @param value where its value begins, after the type
 * @param end where it ends
 * @param text the value, or what it is, in words
 * @param number the value, if it is a whole number
 */
record GgufEntry(String key, long at, long value, long end, String text, OptionalLong number) {
    static final int STRING = 8;
    private static final int ARRAY = 9;
    private static final int BOOL = 7;
    private static final int FLOAT = 6;
    private static final int DOUBLE = 12;
    /** Bytes of the values of each type; 0 for those of different lengths. */
    private static final int[] WIDTHS = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    private static final String[] NAMES = {
        "U8", "I8", "U16", "I16", "U32", "I32", "F32", "BOOL", "texts", "arrays", "U64", "I64", "F64"
    };
    /** Texts longer than this many bytes are not kept in memory, except recipes. */
    private static final int LONGEST_TEXT = 1 << 16;

    private static final int LONGEST_RECIPE = 1 << 24;
    /** ggml itself reads no arrays of arrays. */
    private static final int DEEPEST = 4;

    /** Reads one; its value is passed over where it is long. */
    static GgufEntry read(GgufInput in) throws IOException {
        long at = in.position();
        String key = in.text(GgufInput.LONGEST_NAME, "a key");
        int type = type(in, key);
        long value = in.position();
        String text;
        OptionalLong number = OptionalLong.empty();
        switch (type) {
            case STRING -> text = text(in, key);
            case ARRAY -> text = array(in, key, 1);
            case FLOAT -> text = Float.toString(Float.intBitsToFloat(in.i32()));
            case DOUBLE -> text = Double.toString(Double.longBitsToDouble(in.i64()));
            case BOOL -> text = Boolean.toString(in.u8() != 0);
            default -> {
                long whole = whole(in, type);
                number = OptionalLong.of(whole);
                text = type == 10 ? Long.toUnsignedString(whole) : Long.toString(whole);
            }
        }
        return new GgufEntry(key, at, value, in.position(), text, number);
    }

    private static int type(GgufInput in, String key) throws IOException {
        int type = in.i32();
        if (type < 0 || type >= WIDTHS.length) {
            throw in.damaged("has the metadata " + Printable.name(key) + " of the unknown type "
                    + Integer.toUnsignedString(type));
        }
        return type;
    }

    private static long whole(GgufInput in, int type) throws IOException {
        return switch (type) {
            case 0 -> in.u8();
            case 1 -> (byte) in.u8();
            case 2 -> in.i16() & 0xFFFFL;
            case 3 -> in.i16();
            case 4 -> in.i32() & 0xFFFFFFFFL;
            case 5 -> in.i32();
            default -> in.i64();
        };
    }

    private static String text(GgufInput in, String key) throws IOException {
        long bytes = in.count(1, "bytes of the text " + Printable.name(key));
        int most = key.startsWith("soup.") ? LONGEST_RECIPE : LONGEST_TEXT;
        if (bytes > most) {
            in.skip(bytes);
            return "(a text of " + bytes + " bytes)";
        }
        return in.text(bytes);
    }

    /** Passes over an array and says what it holds. */
    private static String array(GgufInput in, String key, int depth) throws IOException {
        int type = type(in, key);
        long count =
                in.count(Math.max(1, type == STRING ? Long.BYTES : type == ARRAY ? 12 : WIDTHS[type]), NAMES[type]);
        if (type == ARRAY && depth == DEEPEST) {
            throw in.damaged("has arrays within arrays, deeper than " + DEEPEST + ", in " + Printable.name(key));
        }
        if (WIDTHS[type] > 0) {
            in.skip(count * WIDTHS[type]);
        }
        String texts = "bytes of a text in " + Printable.name(key);
        for (long k = 0; WIDTHS[type] == 0 && k < count; k++) {
            if (type == STRING) {
                in.skip(in.count(1, texts));
            } else {
                array(in, key, depth + 1);
            }
        }
        return "(an array of " + count + " " + NAMES[type] + ")";
    }
}
