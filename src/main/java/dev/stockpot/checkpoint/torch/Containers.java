package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Dict;
import dev.stockpot.checkpoint.torch.pickle.Value.Int;
import dev.stockpot.checkpoint.torch.pickle.Value.Sequence;
import dev.stockpot.checkpoint.torch.pickle.Value.Text;

/** What dicts, lists and modules have in common. */
final class Containers {
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

    /** The name of an entry, or null if it has none; {@code everything} gives numbers as names too. */
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
