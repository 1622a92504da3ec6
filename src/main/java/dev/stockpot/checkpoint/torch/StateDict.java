package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Dict;
import dev.stockpot.checkpoint.torch.pickle.Value.Global;
import dev.stockpot.checkpoint.torch.pickle.Value.Int;
import dev.stockpot.checkpoint.torch.pickle.Value.Opaque;
import dev.stockpot.checkpoint.torch.pickle.Value.Sequence;
import dev.stockpot.checkpoint.torch.pickle.Value.Tensor;
import dev.stockpot.checkpoint.torch.pickle.Value.Text;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tensors under a mapping, by name. A mapping inside it adds its key and a dot to the names of its own tensors, as
 * modules do. Anything else, such as a version number or None, is skipped.
 */
final class StateDict {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_TENSORS = 1_000_000;
    private static final int LONGEST_NAME = 1 << 14;
    /** Where modules keep any object in addition to their tensors (PyTorch, {@code Module.get_extra_state}). */
    private static final String EXTRA_STATE = "_extra_state";

    private StateDict() {}

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
     * All tensors under {@code mapping}.
     *
     * @param budget of the file
     * @param everything whether to enter lists and number keys too: modules keep no weights there, but optimizers do
     * @throws CheckpointException if something that was not read is in a tensor's place, or it takes too much
     */
    static Map<String, Tensor> tensors(WalkBudget budget, Value mapping, boolean everything) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Deque<Frame> path = new ArrayDeque<>();
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
            String key = Containers.key(frame.container, index, everything);
            if (key == null) {
                continue;
            }
            int length = frame.prefix.length() + key.length();
            if (length > LONGEST_NAME) {
                throw new CheckpointException(
                        Reason.DAMAGED,
                        budget.file(),
                        "has a tensor name of more than " + LONGEST_NAME + " characters");
            }
            // Most values in lists are numbers, which need no names.
            Value value = Containers.value(frame.container, index);
            if (value instanceof Tensor tensor) {
                budget.tensor(length);
                tensors.put(frame.prefix + key, tensor);
            } else if (Containers.size(value) > 0) {
                budget.name(length);
                path.push(new Frame(value, frame.prefix + key + "."));
            } else if (isRefused(value) && !key.equals(EXTRA_STATE) && !key.endsWith("." + EXTRA_STATE)) {
                throw refused(budget.file(), frame.prefix + key, value);
            }
        }
        return tensors;
    }

    private static boolean isRefused(Value value) {
        return value instanceof Opaque
                || (value instanceof Global global && !global.module().equals("torch"));
    }

    private static CheckpointException refused(Path file, String name, Value value) {
        if (value instanceof Opaque opaque) {
            return new CheckpointException(
                    Reason.UNSUPPORTED,
                    file,
                    opaque.why() != null
                            ? "tensor " + name + " is " + opaque.why() + ", which cannot be read"
                            : name + " among the weights is made by " + opaque.global()
                                    + ", which is not a tensor; it was not called",
                    Details.of().tensor(name));
        }
        return new CheckpointException(
                Reason.UNSUPPORTED,
                file,
                name + " among the weights is " + ((Global) value).dotted() + ", which is not a tensor",
                Details.of().tensor(name));
    }

    /** Whether {@code value} is a tensor, even one that cannot be read. */
    static boolean isTensor(Value value) {
        return value instanceof Tensor || (value instanceof Opaque opaque && opaque.why() != null);
    }

    /** What dicts, lists and modules have in common. */
    static final class Containers {
        private Containers() {}

        static int size(Value value) {
            if (value instanceof Dict dict) {
                return dict.size();
            }
            if (value instanceof Value.Module module) {
                return module.attributes().size();
            }
            return value instanceof Sequence sequence ? sequence.items().size() : 0;
        }

        /** The name of an entry, or null if it has none. */
        static String key(Value container, int index, boolean everything) {
            if (container instanceof Sequence) {
                return everything ? Integer.toString(index) : null;
            }
            Value key = container instanceof Value.Module module
                    ? module.attributes().key(index)
                    : ((Dict) container).key(index);
            if (key instanceof Text text) {
                return text.value();
            }
            return everything && key instanceof Int number ? Long.toString(number.value()) : null;
        }

        static Value value(Value container, int index) {
            if (container instanceof Sequence sequence) {
                return sequence.items().get(index);
            }
            return container instanceof Value.Module module
                    ? module.attributes().value(index)
                    : ((Dict) container).value(index);
        }
    }
}
