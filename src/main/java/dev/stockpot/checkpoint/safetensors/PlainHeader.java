package dev.stockpot.checkpoint.safetensors;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads a header in the form that the format's own library writes: compact JSON in ASCII without escapes, each tensor
 * with its dtype, shape and data_offsets in this order. A general JSON parser takes four times as long in a JVM that
 * has just started, a fifth of the run with 50,000 tensors; it reads every other header.
 */
final class PlainHeader {
    private static final byte[] DTYPE = ascii(":{\"dtype\":\"");
    private static final byte[] SHAPE = ascii(",\"shape\":[");
    private static final byte[] OFFSETS = ascii(",\"data_offsets\":[");

    /** A number of this many digits never overflows. */
    private static final int MAX_DIGITS = 18;

    /** Receives a header's entries, in order. */
    interface Entries {
        void metadata(Map<String, String> entries);

        void tensor(String name, String dtype, long[] shape, long[] offsets);
    }

    private final byte[] header;
    private int at;
    private long[] numbers = new long[4];

    PlainHeader(byte[] header) {
        this.header = header;
    }

    /** Hands over all entries; false if the header is not plain, when some may already have been handed over. */
    boolean read(Entries entries) {
        if (!take('{')) {
            return false;
        }
        do {
            String name = take('"') ? text() : null;
            if (name == null || !(name.equals("__metadata__") ? metadata(entries) : tensor(name, entries))) {
                return false;
            }
        } while (take(','));
        return take('}') && onlySpacesFollow();
    }

    private boolean metadata(Entries entries) {
        if (!take(':') || !take('{')) {
            return false;
        }
        Map<String, String> found = new LinkedHashMap<>();
        do {
            String key = take('"') ? text() : null;
            String value = key != null && take(':') && take('"') ? text() : null;
            if (value == null || found.put(key, value) != null) {
                return false;
            }
        } while (take(','));
        if (!take('}')) {
            return false;
        }
        entries.metadata(found);
        return true;
    }

    private boolean tensor(String name, Entries entries) {
        String dtype = take(DTYPE) ? text() : null;
        long[] shape = dtype != null && take(SHAPE) ? numbers() : null;
        long[] offsets = shape != null && take(OFFSETS) ? numbers() : null;
        if (offsets == null || !take('}')) {
            return false;
        }
        entries.tensor(name, dtype, shape, offsets);
        return true;
    }

    private boolean take(char expected) {
        if (at < header.length && header[at] == expected) {
            at++;
            return true;
        }
        return false;
    }

    private boolean take(byte[] expected) {
        int end = at + expected.length;
        if (end > header.length || !Arrays.equals(header, at, end, expected, 0, expected.length)) {
            return false;
        }
        at = end;
        return true;
    }

    /** The text up to its closing quote, which is consumed; null if a character is escaped or not ASCII. */
    private String text() {
        int start = at;
        while (at < header.length && header[at] >= ' ' && header[at] != '\\') {
            if (header[at++] == '"') {
                return new String(header, start, at - 1 - start, StandardCharsets.ISO_8859_1);
            }
        }
        return null;
    }

    /** The numbers up to their closing bracket, which is consumed; null if one is not a whole number of a few digits. */
    private long[] numbers() {
        int count = 0;
        if (take(']')) {
            return new long[0];
        }
        do {
            int start = at;
            long number = 0;
            while (at < header.length && header[at] >= '0' && header[at] <= '9' && at - start < MAX_DIGITS) {
                number = 10 * number + (header[at++] - '0');
            }
            boolean zeroBefore = at - start > 1 && header[start] == '0';
            if (at == start || zeroBefore) {
                return null;
            }
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * count);
            }
            numbers[count++] = number;
        } while (take(','));
        return take(']') ? Arrays.copyOf(numbers, count) : null;
    }

    private boolean onlySpacesFollow() {
        while (take(' ')) {
            continue;
        }
        return at == header.length;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
