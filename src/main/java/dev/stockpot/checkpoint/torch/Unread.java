package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.file.Contents.Choice;
import dev.stockpot.checkpoint.torch.WeightsFinder.Found;
import dev.stockpot.checkpoint.torch.pickle.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * The tensors of a file that are not among those read: mappings that may be weights too, such as an average beside the
 * model or the part of it that is kept apart, and others, such as the states of an optimizer.
 *
 * @param weights the mappings of weights, the outermost of those within one another
 * @param others all other tensors, by the keys of the file under which they are
 */
record Unread(List<Choice> weights, List<Choice> others) {
    static final Unread NOTHING = new Unread(List.of(), List.of());

    /** What is left of the file of {@code finder} besides {@code read}; {@code all} are its mappings of tensors. */
    static Unread of(WeightsFinder finder, List<Found> read, List<Found> all) {
        Value root = finder.root();
        Set<Value> inside = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Found found : read) {
            if (found.mapping() == root) {
                return NOTHING;
            }
            count(finder.budget(), found.mapping(), inside);
        }
        List<Choice> weights = new ArrayList<>();
        for (Found found : all) {
            boolean apart = read.stream().noneMatch(r -> encloses(found, r));
            if (apart && !inside.contains(found.mapping()) && !TrainingState.is(found.key())) {
                int tensors = StateDict.count(finder.budget(), found.mapping());
                count(finder.budget(), found.mapping(), inside);
                weights.add(new Choice(found.key(), tensors, false));
            }
        }
        List<Choice> others = new ArrayList<>();
        for (int k = 0; k < Containers.size(root); k++) {
            String key = Containers.key(root, k, true);
            Value value = Containers.value(root, k);
            int tensors = Kinds.isTensor(value) ? 1 : count(finder.budget(), value, inside);
            if (key != null && tensors > 0 && others.size() < Mappings.LISTED) {
                others.add(new Choice(key, tensors, false));
            }
        }
        return new Unread(weights, others);
    }

    private static boolean encloses(Found outer, Found inner) {
        return outer.mapping() == inner.mapping()
                || outer.key().isEmpty()
                || inner.key().startsWith(outer.key() + ".");
    }

    /** Counts the tensors under {@code from} in containers that were not seen yet. */
    private static int count(WalkBudget budget, Value from, Set<Value> seen) {
        int tensors = 0;
        Deque<Value> open = new ArrayDeque<>(List.of(from));
        while (!open.isEmpty()) {
            Value value = open.pop();
            int entries = Containers.size(value);
            if (entries == 0 || !seen.add(value)) {
                continue;
            }
            budget.look(entries);
            for (int k = 0; k < entries; k++) {
                Value entry = Containers.value(value, k);
                if (Kinds.isTensor(entry)) {
                    tensors++;
                } else if (Containers.size(entry) > 0) {
                    open.push(entry);
                }
            }
        }
        return tensors;
    }
}
