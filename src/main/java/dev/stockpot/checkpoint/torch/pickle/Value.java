package dev.stockpot.checkpoint.torch.pickle;

import dev.stockpot.tensor.DType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * What a pickle says, as data: nothing in it has been called. Containers may contain themselves, so nothing here compares
 * or prints them by content. They change only while {@link PickleReader} builds them.
 */
public sealed interface Value {
    /** {@code None}. */
    enum None implements Value {
        NONE
    }

    /** {@code True} or {@code False}. */
    record Bool(boolean value) implements Value {}

    /** An integer of up to 64 bits. */
    record Int(long value) implements Value {}

    /** An integer beyond 64 bits. */
    record BigInt(BigInteger value) implements Value {}

    /** A {@code float}. */
    record Real(double value) implements Value {}

    /** A {@code str}. */
    record Text(String value) implements Value {}

    /** A {@code torch.device} by its name, such as {@code cuda:0}. */
    record Device(String name) implements Value {}

    /** {@code bytes} or a {@code bytearray}, kept only if short. */
    record Bytes(byte[] value) implements Value {}

    /** A function or class, by name only. */
    record Global(String module, String name, String dotted) implements Value {
        /** The dotted name, as Python code would write it, is made once: a pickle may call it millions of times. */
        public Global(String module, String name) {
            this(module, name, module + "." + name);
        }
    }

    /** A value of a known type that holds no weights and is not kept, such as long bytes; {@code type} is its name. */
    record Plain(String type) implements Value {}

    /** An object that is data, as the pickle makes it: nothing was called. It may be written again. */
    final class Made implements Value {
        /** A call of a global, or of a class within one; {@code isNew} says that its constructor is passed over. */
        public record Call(Value callee, Sequence arguments, boolean isNew) {}

        private final Call call;
        private final List<Value> items = new ArrayList<>(0);
        private final List<Value> entries = new ArrayList<>(0);
        private Value state;
        private boolean whole = true;
        private Tensor tensor;

        Made(Value callee, Sequence arguments, boolean isNew) {
            this.call = new Call(callee, arguments, isNew);
        }

        /** What makes it. */
        public Call call() {
            return call;
        }

        /** What is appended to it. */
        public List<Value> items() {
            return items;
        }

        /** What is set in it, keys and values in turn. */
        public List<Value> entries() {
            return entries;
        }

        /** What is given to it last, mostly its {@code __dict__}; null if nothing. */
        public Value state() {
            return state;
        }

        /** Whether all of it was kept. */
        public boolean isWhole() {
            return whole;
        }

        /** The tensor that it was read as, if it is an array among the weights; otherwise null. */
        public Tensor tensor() {
            return tensor;
        }

        void add(List<Value> more) {
            items.addAll(more);
        }

        void set(List<Value> more) {
            entries.addAll(more);
        }

        void setState(Value given) {
            whole = whole && state == null;
            state = given;
        }

        void spoil() {
            whole = false;
        }

        void setTensor(Tensor read) {
            tensor = read;
        }
    }

    /**
     * A value that is not read: the result of a call that is not on the allow-list, or a tensor of an unsupported kind.
     *
     * @param global the name of the function or class that would have made it
     * @param why what is unsupported about a tensor, or null if it is not a known kind of tensor
     */
    record Opaque(String global, String why) implements Value {}

    /**
     * A storage that tensors view: a range of bytes in the file.
     *
     * @param key its name in the file
     * @param dtype element type, or null if it is untyped or not supported
     * @param width bytes per element; 1 for an untyped storage, 0 if unknown
     * @param elements its length in elements
     * @param first the element of the file's storage at which it begins; nonzero only for the legacy format's storage views
     * @param unsupported why tensors on it cannot be read, or null
     * @param held its values if they are in the pickle itself, as a NumPy array's are; null if they are a record of the file
     */
    record Storage(String key, DType dtype, int width, long elements, long first, String unsupported, Held held)
            implements Value {
        Storage(String key, DType dtype, int width, long elements, long first, String unsupported) {
            this(key, dtype, width, elements, first, unsupported, null);
        }
    }

    /** Values that are in the pickle itself. */
    record Held(byte[] bytes, boolean bigEndian) {}

    /**
     * A tensor: a strided view of a storage.
     *
     * @param storage what it views
     * @param dtype its element type
     * @param offset of its first element in the storage, in its own elements
     * @param shape sizes by dimension
     * @param strides steps by dimension, in elements
     * @param parameter whether it is a {@code torch.nn.Parameter}
     * @param requiresGrad whether gradients are kept for it
     */
    record Tensor(
            Storage storage,
            DType dtype,
            long offset,
            long[] shape,
            long[] strides,
            boolean parameter,
            boolean requiresGrad)
            implements Value {
        /** The most dimensions that a tensor has: PyTorch itself stops at 64. */
        public static final int MOST_DIMENSIONS = 64;
    }

    /** A list, tuple, {@code torch.Size} or set. */
    final class Sequence implements Value {
        /** Which of these. */
        public enum Kind {
            TUPLE,
            SIZE,
            LIST,
            SET
        }

        private final Kind kind;
        private List<Value> items;

        Sequence(Kind kind, List<Value> items) {
            this.kind = kind;
            this.items = items;
        }

        public Kind kind() {
            return kind;
        }

        public List<Value> items() {
            return items;
        }

        void add(Value item) {
            // Most lists stay empty, and most tuples never change.
            if (!(items instanceof ArrayList)) {
                items = new ArrayList<>(items);
            }
            items.add(item);
        }
    }

    /** A {@code dict} or a subclass of it: entries in the order in which they were set; the last one of a key counts. */
    final class Dict implements Value {
        /** Which of these. A {@code defaultdict} is a {@code dict} with a factory. */
        public enum Kind {
            PLAIN,
            ORDERED,
            COUNTER
        }

        private final Kind kind;
        private List<Value> keys = List.of();
        private List<Value> values = List.of();
        private Value attributes;
        private Global factory;

        Dict(Kind kind) {
            this.kind = kind;
        }

        public Kind kind() {
            return kind;
        }

        public int size() {
            return keys.size();
        }

        public Value key(int index) {
            return keys.get(index);
        }

        public Value value(int index) {
            return values.get(index);
        }

        /** The value of a text key, or null. */
        public Value get(String key) {
            for (int k = keys.size() - 1; k >= 0; k--) {
                if (keys.get(k) instanceof Text text && text.value().equals(key)) {
                    return values.get(k);
                }
            }
            return null;
        }

        void put(Value key, Value value) {
            if (keys.isEmpty()) {
                keys = new ArrayList<>();
                values = new ArrayList<>();
            }
            keys.add(key);
            values.add(value);
        }

        /** What Python keeps in its {@code __dict__}, such as a state dict's {@code _metadata}; null if nothing. */
        public Value attributes() {
            return attributes;
        }

        void setAttributes(Value attributes) {
            this.attributes = attributes;
        }

        /** What makes the values of a {@code defaultdict}; null for other dicts, and if it is not kept. */
        public Global factory() {
            return factory;
        }

        void setFactory(Global factory) {
            this.factory = factory;
        }
    }

    /** A module of a TorchScript archive: its type's name, and its attributes. */
    final class Module implements Value {
        private final Global type;
        private Dict attributes = new Dict(Dict.Kind.PLAIN);

        Module(Global type) {
            this.type = type;
        }

        public Global type() {
            return type;
        }

        public Dict attributes() {
            return attributes;
        }

        void setAttributes(Dict attributes) {
            this.attributes = attributes;
        }
    }
}
