package dev.stockpot.checkpoint.torch.pickle;

import dev.stockpot.checkpoint.torch.pickle.Value.Dict;
import dev.stockpot.checkpoint.torch.pickle.Value.Global;
import dev.stockpot.checkpoint.torch.pickle.Value.Int;
import dev.stockpot.checkpoint.torch.pickle.Value.Opaque;
import dev.stockpot.checkpoint.torch.pickle.Value.Plain;
import dev.stockpot.checkpoint.torch.pickle.Value.Sequence;
import dev.stockpot.checkpoint.torch.pickle.Value.Text;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The allow-list: what the functions and classes that a checkpoint names stand for. Unknown ones become {@link Opaque}
 * values that record their name.
 */
public final class Globals {
    private static final int CACHED_INTEGERS = 1 << 12;
    /** The most items that all calls together may copy: a pickle can pass the same list again and again. */
    private static final long MAX_WORK = 5_000_000;

    private static final int LONGEST_DEVICE = 64;

    private static final String TORCH_SCRIPT = "__torch__";

    private final Int[] integers = new Int[CACHED_INTEGERS];
    private final Map<String, Value.Storage> storages;
    private final Map<Text, Value.Bytes> encoded = new IdentityHashMap<>();
    private long work;

    /** Every storage that the pickle names is added to {@code storages} under its key. */
    public Globals(Map<String, Value.Storage> storages) {
        this.storages = storages;
    }

    /** An integer; small ones, as most sizes and strides are, are shared. */
    Int integer(long value) {
        if (value < 0 || value >= CACHED_INTEGERS) {
            return new Int(value);
        }
        int index = (int) value;
        if (integers[index] == null) {
            integers[index] = new Int(value);
        }
        return integers[index];
    }

    /** What a pickle's persistent id stands for: a storage, or in the legacy format a class with its source. */
    Value persistent(Path file, Value id) {
        List<Value> parts = id instanceof Sequence sequence ? sequence.items() : List.of();
        String kind = parts.isEmpty() || !(parts.get(0) instanceof Text text) ? "" : text.value();
        if (kind.equals("module") && parts.size() > 1) {
            return parts.get(1);
        }
        if (!kind.equals("storage")) {
            throw new CheckpointException(
                    Reason.DAMAGED, file, "its pickle refers to something outside that is not a storage");
        }
        Value.Storage storage = StorageId.parse(file, parts);
        Value.Storage known = storages.putIfAbsent(storage.key(), storage);
        return storage.equals(known) ? known : storage;
    }

    /**
     * The value that a call stands for; nothing is called.
     *
     * @param isNew whether a class is instantiated, rather than a function called
     */
    Value call(Path file, Value callee, Sequence arguments, boolean isNew) {
        if (callee instanceof Opaque || callee instanceof Plain) {
            return callee;
        }
        if (callee instanceof Value.Made made) {
            // A class within another one, which protocol 2 names in this way.
            return DataObjects.isData(made, arguments.items(), isNew)
                    ? new Value.Made(made, arguments, isNew)
                    : new Opaque("an attribute", null);
        }
        if (!(callee instanceof Global global)) {
            throw new CheckpointException(Reason.DAMAGED, file, "its pickle calls something that is not a function");
        }
        if (isNew && (global.module().equals(TORCH_SCRIPT) || global.module().startsWith(TORCH_SCRIPT + "."))) {
            return new Value.Module(global);
        }
        List<Value> items = arguments.items();
        String name = global.dotted();
        return switch (name) {
            case "collections.OrderedDict" -> dict(file, items, Dict.Kind.ORDERED);
            case "builtins.dict", "__builtin__.dict" -> dict(file, items, Dict.Kind.PLAIN);
            case "collections.Counter" -> dict(file, items, Dict.Kind.COUNTER);
            case "collections.defaultdict" -> defaultDict(items);
            case "builtins.set", "__builtin__.set" -> sequence(file, Sequence.Kind.SET, items, name);
            case "builtins.list", "__builtin__.list", "torch.jit._pickle.build_tensorlist" ->
                sequence(file, Sequence.Kind.LIST, items, name);
            case "builtins.tuple", "__builtin__.tuple" -> sequence(file, Sequence.Kind.TUPLE, items, name);
            case "torch.Size" -> sequence(file, Sequence.Kind.SIZE, items, name);
            case "torch.device" -> new Value.Device(device(items));
            case "torch.jit._pickle.restore_type_tag" -> items.isEmpty() ? new Plain(name) : items.get(0);
            case "_codecs.encode" -> encode(items);
            // Plain values: they hold no weights.
            case "torch.jit._pickle.build_intlist",
                    "torch.jit._pickle.build_doublelist",
                    "torch.jit._pickle.build_boollist" -> new Plain(name);
            default -> other(file, global, arguments, isNew);
        };
    }

    private static Value other(Path file, Global callee, Sequence arguments, boolean isNew) {
        if (TensorRebuilder.isKnown(callee.dotted())) {
            return TensorRebuilder.call(file, callee.dotted(), arguments.items());
        }
        // How protocol 2 writes bytes of which there are none.
        if (callee.name().equals("bytes") && arguments.items().isEmpty()) {
            return new Value.Bytes(new byte[0]);
        }
        return DataObjects.isData(callee, arguments.items(), isNew)
                ? new Value.Made(callee, arguments, isNew)
                : new Opaque(callee.dotted(), null);
    }

    private Value dict(Path file, List<Value> arguments, Dict.Kind kind) {
        Dict dict = new Dict(kind);
        // A Counter is made from a dict.
        if (!arguments.isEmpty() && arguments.get(0) instanceof Dict entries) {
            spend(file, entries.size());
            for (int k = 0; k < entries.size(); k++) {
                dict.put(entries.key(k), entries.value(k));
            }
        }
        // Python 2 gives an OrderedDict its entries as a list of pairs.
        if (!arguments.isEmpty() && arguments.get(0) instanceof Sequence pairs) {
            spend(file, pairs.items().size());
            for (Value pair : pairs.items()) {
                if (pair instanceof Sequence entry && entry.items().size() == 2) {
                    dict.put(entry.items().get(0), entry.items().get(1));
                }
            }
        }
        return dict;
    }

    private static Value defaultDict(List<Value> arguments) {
        Dict dict = new Dict(Dict.Kind.PLAIN);
        if (!arguments.isEmpty() && arguments.get(0) instanceof Global factory && DataObjects.isFactory(factory)) {
            dict.setFactory(factory);
        }
        return dict;
    }

    private void spend(Path file, int items) {
        work += items;
        if (work > MAX_WORK) {
            throw new CheckpointException(Reason.DAMAGED, file, "its pickle copies the same lists over and over");
        }
    }

    /** A container made from another one. */
    private Value sequence(Path file, Sequence.Kind kind, List<Value> arguments, String name) {
        if (arguments.isEmpty()) {
            return new Sequence(kind, List.of());
        }
        if (!(arguments.get(0) instanceof Sequence items)) {
            return new Plain(name);
        }
        spend(file, items.items().size());
        return new Sequence(kind, List.copyOf(items.items()));
    }

    private static String device(List<Value> arguments) {
        if (arguments.isEmpty() || !(arguments.get(0) instanceof Text kind)) {
            return "cpu";
        }
        // No kind of device has a long name, and every call would copy it.
        if (kind.value().length() > LONGEST_DEVICE) {
            return "unknown";
        }
        return arguments.size() > 1 && arguments.get(1) instanceof Int index
                ? kind.value() + ":" + index.value()
                : kind.value();
    }

    /**
     * How protocol 2 writes {@code bytes}: as a text whose code points they are. One text gives one value, however often it is
     * encoded: a few bytes could take any amount of memory otherwise.
     */
    private Value encode(List<Value> arguments) {
        return !arguments.isEmpty() && arguments.get(0) instanceof Text text
                ? encoded.computeIfAbsent(text, t -> new Value.Bytes(t.value().getBytes(StandardCharsets.ISO_8859_1)))
                : new Plain("bytes");
    }
}
