package dev.stockpot.checkpoint.torch.pickle;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes pickles for tests, opcode by opcode. */
public final class TestPickle {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Begins a pickle of protocol 2. */
    public static TestPickle begin() {
        return new TestPickle().raw(0x80, 2);
    }

    TestPickle raw(int... values) {
        for (int value : values) {
            bytes.write(value);
        }
        return this;
    }

    public TestPickle op(String opcodes) {
        bytes.writeBytes(opcodes.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    public TestPickle int32(int value) {
        bytes.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
        return this;
    }

    TestPickle int64(long value) {
        bytes.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
        return this;
    }

    public TestPickle text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        op("X").int32(utf8.length);
        bytes.writeBytes(utf8);
        return this;
    }

    public TestPickle number(long value) {
        return raw(0x8a, 8).int64(value);
    }

    TestPickle global(String module, String name) {
        return op("c" + module + "\n" + name + "\n");
    }

    TestPickle tuple(long... values) {
        op("(");
        for (long value : values) {
            number(value);
        }
        return op("t");
    }

    TestPickle storage(String type, String key, long elements) {
        op("(").text("storage").global("torch", type).text(key).text("cpu");
        return number(elements).op("tQ");
    }

    public TestPickle tensor(String type, String key, long elements, long offset, long[] shape, long[] strides) {
        global("torch._utils", "_rebuild_tensor_v2").op("(").storage(type, key, elements);
        number(offset).tuple(shape).tuple(strides);
        return raw(0x89).global("collections", "OrderedDict").op(")RtR");
    }

    /** A one-dimensional F32 tensor that takes a whole storage. */
    public TestPickle floats(String key, long elements) {
        return tensor("FloatStorage", key, elements, 0, new long[] {elements}, new long[] {1});
    }

    public byte[] end() {
        return op(".").bytes.toByteArray();
    }

    int size() {
        return bytes.size();
    }
}
