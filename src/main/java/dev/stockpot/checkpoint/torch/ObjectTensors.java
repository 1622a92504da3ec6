package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Dict;
import dev.stockpot.checkpoint.torch.pickle.Value.Made;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;

/** Looks for tensors in an object: a pickled module has its weights in there, and settings have none. */
final class ObjectTensors {
    private ObjectTensors() {}

    /** Whether there is a tensor, or something that was not read and may be one, anywhere in {@code object}. */
    static boolean in(Made object, WalkBudget budget) {
        Set<Value> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Value> open = new ArrayDeque<>();
        open.push(object);
        while (!open.isEmpty()) {
            Value value = open.pop();
            budget.look(1);
            if (Kinds.isTensor(value) || value instanceof Value.Storage) {
                return true;
            }
            if (!(isCompound(value) && seen.add(value))) {
                continue;
            }
            if (value instanceof Made made) {
                made.call().arguments().items().forEach(open::push);
                made.items().forEach(open::push);
                made.entries().forEach(open::push);
                if (made.state() != null) {
                    open.push(made.state());
                }
            } else {
                for (int k = 0; k < Containers.size(value); k++) {
                    budget.look(1);
                    open.push(Containers.value(value, k));
                }
            }
        }
        return false;
    }

    private static boolean isCompound(Value value) {
        return value instanceof Made
                || value instanceof Dict
                || value instanceof Value.Sequence
                || value instanceof Value.Module;
    }
}
