package dev.stockpot.checkpoint.torch.pickle;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the opcodes of pickle protocol 2 that a checkpoint needs (Python's {@code pickletools} describes each). Every method
 * pushes one value on the reader's stack, or says what it takes from it.
 */
public final class PickleWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Map<Object, Integer> memo = new HashMap<>();

    public PickleWriter() {
        out.write(0x80);
        out.write(2);
    }

    /** A class or function by its module and name. */
    public void global(String module, String name) {
        String text = "c" + module + "\n" + name + "\n";
        if (!recall(text)) {
            out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
            remember(text);
        }
    }

    /** A text that occurs often: written once. */
    public void sharedText(String value) throws CharacterCodingException {
        if (!recall(value)) {
            text(value);
            remember(value);
        }
    }

    /**
     * A text.
     *
     * @throws CharacterCodingException if it is not valid Unicode: half a surrogate pair
     */
    public void text(String value) throws CharacterCodingException {
        ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
        out.write('X');
        little(utf8.remaining(), 4);
        out.write(utf8.array(), utf8.arrayOffset() + utf8.position(), utf8.remaining());
    }

    /** An integer, in the shortest form. */
    public void integer(long value) {
        if (value < 0) {
            negative(value);
        } else if (value < 1 << 8) {
            out.write('K');
            little(value, 1);
        } else if (value < 1 << 16) {
            out.write('M');
            little(value, 2);
        } else if (value <= Integer.MAX_VALUE) {
            out.write('J');
            little(value, 4);
        } else {
            // LONG1 with 8 bytes, on which libtorch's own reader insists.
            out.write(0x8A);
            out.write(8);
            little(value, 8);
        }
    }

    private void negative(long value) {
        if (value >= Integer.MIN_VALUE) {
            out.write('J');
            little(value, 4);
        } else {
            out.write(0x8A);
            out.write(8);
            little(value, 8);
        }
    }

    /** An integer of any size. */
    public void integer(BigInteger value) {
        byte[] bytes = value.toByteArray();
        if (bytes.length < 1 << 8) {
            out.write(0x8A);
            out.write(bytes.length);
        } else {
            out.write(0x8B);
            little(bytes.length, 4);
        }
        for (int k = bytes.length - 1; k >= 0; k--) {
            out.write(bytes[k]);
        }
    }

    /** A float. */
    void real(double value) {
        out.write('G');
        out.writeBytes(ByteBuffer.allocate(8).putDouble(value).array());
    }

    /** Bytes, as protocol 2 writes them: a text whose code points they are, and the call that decodes it. */
    void bytes(byte[] value) throws CharacterCodingException {
        global("_codecs", "encode");
        mark();
        text(new String(value, StandardCharsets.ISO_8859_1));
        sharedText("latin1");
        tuple();
        reduce();
    }

    /** A tuple of integers. */
    public void integers(List<Long> values) {
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

    /** None. */
    void none() {
        out.write('N');
    }

    /** True or False. */
    public void bool(boolean value) {
        out.write(value ? 0x88 : 0x89);
    }

    /** An empty tuple. */
    public void emptyTuple() {
        out.write(')');
    }

    /** An empty dict. */
    public void emptyDict() {
        out.write('}');
    }

    /** An empty list. */
    public void emptyList() {
        out.write(']');
    }

    /** Marks where the items of a tuple, a list or a dict begin. */
    public void mark() {
        out.write('(');
    }

    /** Takes everything after the mark into a tuple. */
    public void tuple() {
        out.write('t');
    }

    /** Takes one value into a tuple. */
    public void tupleOfOne() {
        out.write(0x85);
    }

    /** Takes everything after the mark into the list before it. */
    public void append() {
        out.write('e');
    }

    /** Takes everything after the mark, alternating keys and values, into the dict before it. */
    public void setItems() {
        out.write('u');
    }

    /** Takes a function and a tuple of arguments, and pushes the result. */
    public void reduce() {
        out.write('R');
    }

    /** Takes a class and a tuple of arguments, and pushes an instance: called, or new, which passes the constructor over. */
    public void make(boolean isNew) {
        out.write(isNew ? 0x81 : 'R');
    }

    /** Takes the {@code __dict__} of the object before it. */
    public void build() {
        out.write('b');
    }

    /** Takes a tuple, and pushes what the reader knows by it. */
    public void persistentId() {
        out.write('Q');
    }

    /** Ends the pickle, whose value is the only one left, and returns its bytes. */
    public byte[] finish() {
        out.write('.');
        return out.toByteArray();
    }

    /** Pushes the value that was remembered under {@code key}; false if there is none. */
    public boolean recall(Object key) {
        Integer index = memo.get(key);
        if (index != null) {
            memo('h', 'j', index);
        }
        return index != null;
    }

    /** Remembers the last value under {@code key}. */
    public void remember(Object key) {
        memo('q', 'r', memo.size());
        memo.put(key, memo.size());
    }

    private void memo(char near, char far, int index) {
        boolean small = index < 1 << 8;
        out.write(small ? near : far);
        little(index, small ? 1 : 4);
    }

    private void little(long value, int bytes) {
        byte[] all = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        out.write(all, 0, bytes);
    }
}
