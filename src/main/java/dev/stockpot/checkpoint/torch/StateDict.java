package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.torch.pickle.NumpyArray;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Made;
import dev.stockpot.checkpoint.torch.pickle.Value.Opaque;
import dev.stockpot.checkpoint.torch.pickle.Value.Tensor;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.Printable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tensors under a mapping, by name, and what else there is among them. A mapping inside it adds its key and a dot to the
 * names of its own tensors, as modules do. Arrays of NumPy are read as tensors. Anything else, such as a version number, is
 * not read but named; only None, and the attributes of TorchScript's modules, are passed over.
 */
final class StateDict {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_TENSORS = 1_000_000;
    private static final int LONGEST_NAME = 1 << 14;
    /** Where modules keep any object in addition to their tensors (PyTorch, {@code Module.get_extra_state}). */
    private static final String EXTRA_STATE = "_extra_state";

    private final WalkBudget budget;
    private final boolean everything;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final FirstNames arrays = new FirstNames();
    private final FirstNames others = new FirstNames();
    private final Deque<Frame> path = new ArrayDeque<>();

    private StateDict(WalkBudget budget, boolean everything) {
        this.budget = budget;
        this.everything = everything;
    }

    /** A container on the path to the current entry. */
    private static final class Frame {
        final Value container;
        final String prefix;
        int next;

        Frame(Value container, String prefix) {
            this.container = container;
            this.prefix = prefix;
        }
    }

    /**
     * Reads {@code mapping}.
     *
     * @param budget of the file
     * @param everything whether to enter lists and number keys too: modules keep no weights there, but optimizers do
     * @throws CheckpointException if something that was not read is in a tensor's place, or it takes too much
     */
    static StateDict of(WalkBudget budget, Value mapping, boolean everything) {
        StateDict read = new StateDict(budget, everything);
        read.walk(mapping);
        return read;
    }

    /** The tensors, in the order of the file. */
    Map<String, Tensor> tensors() {
        return tensors;
    }

    /** The names of those that are arrays of NumPy. */
    FirstNames arrays() {
        return arrays;
    }

    /** What was not read, each with what it is. */
    FirstNames others() {
        return others;
    }

    private void walk(Value mapping) {
        path.push(new Frame(mapping, ""));
        while (!path.isEmpty()) {
            if (tensors.size() > MAX_TENSORS || path.size() > MAX_DEPTH) {
                throw budget.tooMuch();
            }
            budget.look(1);
            Frame frame = path.peek();
            if (frame.next == Containers.size(frame.container)) {
                path.pop();
                continue;
            }
            int index = frame.next++;
            Value value = Containers.value(frame.container, index);
            String key = Containers.key(frame.container, index, true);
            if (key == null || value instanceof Value.None) {
                continue;
            }
            if (frame.prefix.length() + key.length() > LONGEST_NAME) {
                throw new CheckpointException(
                        Reason.DAMAGED,
                        budget.file(),
                        "has a tensor name of more than " + LONGEST_NAME + " characters");
            }
            boolean named = everything || Containers.key(frame.container, index, false) != null;
            boolean entered = everything || !(value instanceof Value.Sequence);
            if (named && entered) {
                read(frame, key, value);
            } else {
                other(frame, key, value);
            }
        }
    }

    private void read(Frame frame, String key, Value value) {
        int length = frame.prefix.length() + key.length();
        if (value instanceof Tensor tensor) {
            budget.tensor(length);
            tensors.put(frame.prefix + key, tensor);
        } else if (Containers.size(value) > 0) {
            budget.name(length);
            path.push(new Frame(value, frame.prefix + key + "."));
        } else if (value instanceof Made made && NumpyArray.isArray(made)) {
            array(frame, key, made);
        } else if (isRefused(value) && !key.equals(EXTRA_STATE) && !key.endsWith("." + EXTRA_STATE)) {
            throw refused(frame.prefix + key, value);
        } else {
            other(frame, key, value);
        }
    }

    private void array(Frame frame, String key, Made made) {
        budget.tensor(frame.prefix.length() + key.length());
        String name = frame.prefix + key;
        Tensor tensor = NumpyArray.tensor(budget.file(), made, name);
        if (tensor != null) {
            tensors.put(name, tensor);
            arrays.add(name);
        } else {
            other(frame, key, made);
        }
    }

    private void other(Frame frame, String key, Value value) {
        if (frame.container instanceof Value.Module || isEmpty(value)) {
            return;
        }
        // Most values in lists are numbers, which need no names.
        if (!others.isOpen()) {
            others.addMore();
            return;
        }
        budget.name(frame.prefix.length() + key.length());
        others.add(frame.prefix + key + " (" + Kinds.of(value) + ")");
    }

    private static boolean isEmpty(Value value) {
        boolean container =
                value instanceof Value.Dict || value instanceof Value.Sequence || value instanceof Value.Module;
        return container && Containers.size(value) == 0;
    }

    /** What cannot be read as a tensor, or may hold some; an object that is plain data holds none. */
    private boolean isRefused(Value value) {
        return value instanceof Opaque || (value instanceof Made made && ObjectTensors.in(made, budget));
    }

    private CheckpointException refused(String name, Value value) {
        boolean tensor = value instanceof Opaque opaque && opaque.why() != null;
        return new CheckpointException(
                Reason.UNSUPPORTED,
                budget.file(),
                tensor
                        ? "tensor " + Printable.name(name) + " is " + ((Opaque) value).why() + ", which cannot be read"
                        : Printable.name(name) + " among the weights is made by " + Kinds.of(value)
                                + ", which is not a tensor; it was not called",
                Details.of().tensor(name).hint(tensor ? OtherContents.hint(((Opaque) value).why()) : null));
    }

    /** How many tensors there are, with those that cannot be read, which opening it by its key reports. */
    static int count(WalkBudget budget, Value mapping) {
        int count = 0;
        Deque<Frame> path = new ArrayDeque<>();
        path.push(new Frame(mapping, ""));
        while (!path.isEmpty()) {
            if (count > MAX_TENSORS || path.size() > MAX_DEPTH) {
                throw budget.tooMuch();
            }
            budget.look(1);
            Frame frame = path.peek();
            if (frame.next == Containers.size(frame.container)) {
                path.pop();
                continue;
            }
            int index = frame.next++;
            Value value = Containers.value(frame.container, index);
            if (Containers.key(frame.container, index, false) == null) {
                continue;
            }
            if (Kinds.isTensor(value) || NumpyArray.isArray(value)) {
                budget.tensor(0);
                count++;
            } else if (Containers.size(value) > 0) {
                path.push(new Frame(value, ""));
            }
        }
        return count;
    }
}
