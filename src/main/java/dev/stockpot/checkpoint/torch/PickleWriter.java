package dev.stockpot.checkpoint.torch;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the opcodes of pickle protocol 2 that a state dict needs (Python's {@code pickletools} describes each). Every method
 * pushes one value on the reader's stack, or says what it takes from there.
 */
final class PickleWriter {
    /** What BINGET and BINPUT can name; a state dict shares some twenty values. */
    private static final int LARGEST_MEMO = 256;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Map<String, Integer> memo = new HashMap<>();

    PickleWriter() {
        out.write(0x80);
        out.write(2);
    }

    /** A class or function by its module and name. */
    void global(String module, String name) {
        String text = "c" + module + "\n" + name + "\n";
        if (!fromMemo(text)) {
            out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
            toMemo(text);
        }
    }

    /** A text that occurs again and again: written once. */
    void sharedText(String value) throws CharacterCodingException {
        if (!fromMemo(value)) {
            text(value);
            toMemo(value);
        }
    }

    /**
     * A text.
     *
     * @throws CharacterCodingException where it is no Unicode text: half a surrogate pair
     */
    void text(String value) throws CharacterCodingException {
        ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
        out.write('X');
        little(utf8.remaining(), 4);
        out.write(utf8.array(), utf8.arrayOffset() + utf8.position(), utf8.remaining());
    }

    /** An integer of at least 0, in the shortest form. */
    void integer(long value) {
        if (value < 1 << 8) {
            out.write('K');
            little(value, 1);
        } else if (value < 1 << 16) {
            out.write('M');
            little(value, 2);
        } else if (value <= Integer.MAX_VALUE) {
            out.write('J');
            little(value, 4);
        } else {
            // LONG1 with as many bytes as libtorch's own reader insists on.
            out.write(0x8A);
            out.write(8);
            little(value, 8);
        }
    }

    /** A tuple of integers. */
    void integers(List<Long> values) {
        if (values.isEmpty()) {
            emptyTuple();
            return;
        }
        if (values.size() > 3) {
            mark();
        }
        values.forEach(this::integer);
        // TUPLE1 to TUPLE3 need no mark.
        out.write(values.size() > 3 ? 't' : 0x84 + values.size());
    }

    /** False. */
    void no() {
        out.write(0x89);
    }

    /** A tuple of nothing. */
    void emptyTuple() {
        out.write(')');
    }

    /** A dict of nothing. */
    void emptyDict() {
        out.write('}');
    }

    /** Marks where the items of a tuple or of a dict begin. */
    void mark() {
        out.write('(');
    }

    /** Takes all behind the mark into a tuple. */
    void tuple() {
        out.write('t');
    }

    /** Takes all behind the mark, keys and values in turn, into the dict before it. */
    void setItems() {
        out.write('u');
    }

    /** Takes a function and a tuple, and is what the function gives for it. */
    void reduce() {
        out.write('R');
    }

    /** Takes a tuple and is what the reader knows by it. */
    void persistentId() {
        out.write('Q');
    }

    /** Ends the pickle, whose value is the only one left, and gives its bytes. */
    byte[] finish() {
        out.write('.');
        return out.toByteArray();
    }

    private boolean fromMemo(String key) {
        Integer index = memo.get(key);
        if (index == null) {
            return false;
        }
        out.write('h');
        out.write(index);
        return true;
    }

    private void toMemo(String key) {
        if (memo.size() == LARGEST_MEMO) {
            throw new IllegalStateException("more than " + LARGEST_MEMO + " shared values");
        }
        out.write('q');
        out.write(memo.size());
        memo.put(key, memo.size());
    }

    private void little(long value, int bytes) {
        byte[] all = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        out.write(all, 0, bytes);
    }
}
