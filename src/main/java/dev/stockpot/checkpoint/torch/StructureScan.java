package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.torch.pickle.PlainPickle;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Dict;
import dev.stockpot.checkpoint.torch.pickle.Value.Global;
import dev.stockpot.checkpoint.torch.pickle.Value.Opaque;
import dev.stockpot.checkpoint.torch.pickle.Value.Sequence;
import dev.stockpot.checkpoint.torch.pickle.Value.Tensor;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The part of a file's structure that can be written again: all that was read as data. A value that was not, an object of
 * a class that only code could make, is left out together with the nearest entry of a mapping that holds it: a list without
 * one of its items would be a different list.
 */
final class StructureScan {
    /** Deeper than Python's own pickler goes by default. */
    static final int MAX_DEPTH = 300;

    private final Path file;
    private final Map<Value, Boolean> data = new IdentityHashMap<>();
    private final Map<Value, Integer> uses = new IdentityHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final List<String> leftOut = new ArrayList<>();

    /**
     * Scans everything under {@code root}.
     *
     * @throws CheckpointException if the root itself cannot be written again, or nests too deeply
     */
    StructureScan(Path file, Value root) {
        this.file = file;
        if (!isData(root, 0)) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED, file, "holds " + what(root) + ", so its structure cannot be written again");
        }
        visit(root, "", 0);
    }

    /** Whether an entry of a mapping is kept. */
    boolean keeps(Value key, Value value) {
        return isHashable(key) && data.getOrDefault(value, PlainPickle.isPlain(value));
    }

    /** Whether a container or tensor occurs more than once, as one object. */
    boolean isShared(Value value) {
        return uses.getOrDefault(value, 0) > 1;
    }

    /** Whether a container or tensor is kept at all. */
    boolean holds(Value value) {
        return uses.containsKey(value);
    }

    /** The tensors that are kept, each under the first place where it occurs. */
    Map<String, Tensor> tensors() {
        return tensors;
    }

    /** The entries that are not kept, each with what prevents it. */
    List<String> leftOut() {
        return leftOut;
    }

    private boolean isHashable(Value key) {
        return PlainPickle.isPlain(key)
                || (key instanceof Sequence tuple
                        && tuple.kind() == Sequence.Kind.TUPLE
                        && tuple.items().stream().allMatch(PlainPickle::isPlain));
    }

    private boolean isData(Value value, int depth) {
        if (value instanceof Dict || value instanceof Tensor) {
            data.put(value, true);
            return true;
        }
        if (!(value instanceof Sequence sequence)) {
            return PlainPickle.isPlain(value);
        }
        Boolean known = data.get(value);
        if (known != null) {
            return known;
        }
        checkDepth(depth);
        // A list may hold itself and still be data.
        data.put(value, true);
        boolean all = true;
        for (Value item : sequence.items()) {
            boolean fits = sequence.kind() == Sequence.Kind.SET ? isHashable(item) : isData(item, depth + 1);
            all = all && fits;
        }
        data.put(value, all);
        return all;
    }

    private void checkDepth(int depth) {
        if (depth > MAX_DEPTH) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED, file, "nests its values more than " + MAX_DEPTH + " deep");
        }
    }

    private void visit(Value value, String place, int depth) {
        boolean counted = value instanceof Dict || value instanceof Sequence || value instanceof Tensor;
        if (!counted || uses.merge(value, 1, Integer::sum) > 1) {
            return;
        }
        checkDepth(depth);
        if (value instanceof Tensor tensor) {
            tensors.put(unused(place), tensor);
        } else if (value instanceof Sequence sequence) {
            for (int k = 0; k < sequence.items().size(); k++) {
                visit(sequence.items().get(k), join(place, Integer.toString(k)), depth + 1);
            }
        } else if (value instanceof Dict dict) {
            for (int k = 0; k < dict.size(); k++) {
                entry(dict.key(k), dict.value(k), join(place, name(dict.key(k))), depth);
            }
            if (dict.kind() == Dict.Kind.ORDERED && dict.attributes() instanceof Dict attributes) {
                isData(attributes, depth);
                visit(attributes, place, depth + 1);
            }
        }
    }

    private void entry(Value key, Value value, String place, int depth) {
        if (isHashable(key) && isData(value, depth + 1)) {
            visit(key, place, depth + 1);
            visit(value, place, depth + 1);
        } else {
            leftOut.add(place + " (" + what(isHashable(key) ? value : key) + ")");
        }
    }

    private String unused(String place) {
        String name = place;
        while (tensors.containsKey(name)) {
            name += "'";
        }
        return name;
    }

    private static String join(String place, String name) {
        return place.isEmpty() ? name : place + "." + name;
    }

    /** A key as it appears in names. */
    static String name(Value key) {
        if (key instanceof Value.Text text) {
            return text.value();
        }
        return key instanceof Value.Int number ? Long.toString(number.value()) : "a key";
    }

    /** What keeps {@code value} from being written again. */
    private String what(Value value) {
        if (value instanceof Opaque opaque) {
            return opaque.why() != null ? opaque.why() : opaque.global();
        }
        if (value instanceof Global global) {
            return global.dotted();
        }
        if (value instanceof Value.Plain plain) {
            return plain.type();
        }
        if (value instanceof Value.Module module) {
            return module.type().dotted();
        }
        if (value instanceof Sequence sequence) {
            for (Value item : sequence.items()) {
                if (!data.getOrDefault(item, PlainPickle.isPlain(item)) && item != value) {
                    return item instanceof Sequence ? "a nested list" : "a list with " + what(item);
                }
            }
        }
        return "a value that was not read";
    }
}
