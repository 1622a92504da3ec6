package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.torch.pickle.PlainPickle;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Dict;
import dev.stockpot.checkpoint.torch.pickle.Value.Made;
import dev.stockpot.checkpoint.torch.pickle.Value.Sequence;
import dev.stockpot.checkpoint.torch.pickle.Value.Tensor;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The part of a file's structure that can be written again: all that was read as data. A value that was not, what a function
 * would have to make, is left out together with the nearest entry of a mapping that holds it: a list without one of its
 * items would be a different list.
 */
final class StructureScan {
    /** Deeper than Python's own pickler goes by default. */
    static final int MAX_DEPTH = 300;

    private final Path file;
    private final WalkBudget budget;
    private final Map<Value, Boolean> data = new IdentityHashMap<>();
    private final Map<Value, Integer> uses = new IdentityHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final FirstNames leftOut = new FirstNames();
    private final StringBuilder place = new StringBuilder();

    /**
     * Scans everything under {@code root}.
     *
     * @throws CheckpointException if the root itself cannot be written again, nests too deeply, or takes too much
     */
    StructureScan(WalkBudget budget, Value root) {
        this.file = budget.file();
        this.budget = budget;
        if (!isData(root, 0)) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED, file, "holds " + what(root) + ", so its structure cannot be written again");
        }
        visit(root, 0);
    }

    /** What is written in place of {@code value}: an array that was read as a weight is a tensor. */
    static Value written(Value value) {
        return value instanceof Made made && made.tensor() != null ? made.tensor() : value;
    }

    /** Whether an entry of a mapping is kept. */
    boolean keeps(Value key, Value value) {
        return isKept(key) && isKept(written(value));
    }

    private boolean isKept(Value value) {
        return data.getOrDefault(value, PlainPickle.isPlain(value));
    }

    /** Whether a container, object or tensor occurs more than once, as one object. */
    boolean isShared(Value value) {
        return uses.getOrDefault(value, 0) > 1;
    }

    /** Whether a container, object or tensor is kept at all. */
    boolean holds(Value value) {
        return uses.containsKey(value);
    }

    /** The tensors that are kept, each under the first place where it occurs. */
    Map<String, Tensor> tensors() {
        return tensors;
    }

    /** The entries that are not kept, each with what prevents it. */
    FirstNames leftOut() {
        return leftOut;
    }

    /** Whether {@code key} can be one: a number, a text, an object, or a tuple of them. */
    private boolean isHashable(Value key, int depth) {
        if (!(key instanceof Sequence tuple)) {
            return PlainPickle.isPlain(key) || (key instanceof Made && isData(key, depth));
        }
        Boolean known = data.get(key);
        if (known != null) {
            return known;
        }
        checkDepth(depth);
        budget.look(tuple.items().size());
        boolean all = tuple.kind() == Sequence.Kind.TUPLE;
        for (Value item : tuple.items()) {
            all = all && isHashable(item, depth + 1);
        }
        data.put(key, all);
        return all;
    }

    private boolean isData(Value read, int depth) {
        Value value = written(read);
        if (value instanceof Dict || value instanceof Tensor) {
            data.put(value, true);
            return true;
        }
        if (!(value instanceof Sequence) && !(value instanceof Made)) {
            return PlainPickle.isPlain(value);
        }
        Boolean known = data.get(value);
        if (known != null) {
            return known;
        }
        checkDepth(depth);
        // A list may hold itself and still be data.
        data.put(value, true);
        boolean all = value instanceof Made made ? isData(made, depth) : isData((Sequence) value, depth);
        data.put(value, all);
        return all;
    }

    private boolean isData(Sequence sequence, int depth) {
        budget.look(sequence.items().size());
        boolean all = true;
        for (Value item : sequence.items()) {
            boolean fits = sequence.kind() == Sequence.Kind.SET ? isHashable(item, depth + 1) : isData(item, depth + 1);
            all = all && fits;
        }
        return all;
    }

    private boolean isData(Made made, int depth) {
        boolean all = made.isWhole()
                && isData(made.call().callee(), depth + 1)
                && isData(made.call().arguments(), depth + 1);
        budget.look(made.items().size() + made.entries().size());
        for (Value item : made.items()) {
            all = all && isData(item, depth + 1);
        }
        for (int k = 0; k < made.entries().size(); k++) {
            Value value = made.entries().get(k);
            all = all && (k % 2 == 0 ? isHashable(value, depth + 1) : isData(value, depth + 1));
        }
        return all && (made.state() == null || isData(made.state(), depth + 1));
    }

    private void checkDepth(int depth) {
        if (depth > MAX_DEPTH) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED, file, "nests its values more than " + MAX_DEPTH + " deep");
        }
    }

    private void visit(Value read, int depth) {
        Value value = written(read);
        boolean counted =
                value instanceof Dict || value instanceof Sequence || value instanceof Made || value instanceof Tensor;
        if (!counted || uses.merge(value, 1, Integer::sum) > 1) {
            return;
        }
        checkDepth(depth);
        if (value instanceof Tensor tensor) {
            budget.tensor(place.length());
            tensors.put(unused(), tensor);
        } else if (value instanceof Sequence sequence) {
            visitAll(sequence.items(), depth);
        } else if (value instanceof Made made) {
            visit(made.call().callee(), depth + 1);
            visit(made.call().arguments(), depth + 1);
            visitAll(made.items(), depth);
            visitAll(made.entries(), depth);
            if (made.state() != null) {
                visit(made.state(), depth + 1);
            }
        } else if (value instanceof Dict dict) {
            budget.look(dict.size());
            for (int k = 0; k < dict.size(); k++) {
                int before = enter(name(dict.key(k)));
                entry(dict.key(k), dict.value(k), depth);
                place.setLength(before);
            }
            if (dict.kind() == Dict.Kind.ORDERED && dict.attributes() instanceof Dict attributes) {
                isData(attributes, depth);
                visit(attributes, depth + 1);
            }
        }
    }

    private void visitAll(List<Value> items, int depth) {
        budget.look(items.size());
        for (int k = 0; k < items.size(); k++) {
            int before = enter(Integer.toString(k));
            visit(items.get(k), depth + 1);
            place.setLength(before);
        }
    }

    private void entry(Value key, Value value, int depth) {
        if (isHashable(key, depth) && isData(value, depth + 1)) {
            visit(key, depth + 1);
            visit(value, depth + 1);
        } else if (leftOut.isOpen()) {
            budget.name(place.length());
            leftOut.add(place + " (" + what(isHashable(key, depth) ? value : key) + ")");
        } else {
            leftOut.addMore();
        }
    }

    /** Adds a name to the place; returns how long it was before. */
    private int enter(String name) {
        int before = place.length();
        budget.name(name.length());
        place.append(before == 0 ? "" : ".").append(name);
        return before;
    }

    private String unused() {
        String name = place.toString();
        while (tensors.containsKey(name)) {
            name += "'";
        }
        return name;
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
        if (value instanceof Sequence sequence) {
            for (Value item : sequence.items()) {
                if (!isKept(written(item)) && item != value) {
                    return item instanceof Sequence ? "a nested list" : "a list with " + Kinds.of(item);
                }
            }
        }
        return Kinds.of(value);
    }
}
