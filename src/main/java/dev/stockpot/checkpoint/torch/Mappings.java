package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.torch.WeightsFinder.Found;
import dev.stockpot.checkpoint.torch.pickle.NumpyArray;
import dev.stockpot.checkpoint.torch.pickle.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The mappings of names to tensors in a file's structure, searched within its budget. */
final class Mappings {
    /** The most mappings that are listed. */
    static final int LISTED = 64;

    /** How many mappings deep the search goes. */
    static final int DEPTH = 8;

    private static final int LONGEST_KEY = 1 << 12;

    private final Value root;
    private final WalkBudget budget;
    private final boolean arrays;
    /** All that have tensors anywhere under them; null until one is asked for. */
    private Set<Value> holders;

    /** Those under {@code root}; {@code arrays} says whether NumPy's arrays count as tensors, for files without any. */
    Mappings(Value root, WalkBudget budget, boolean arrays) {
        this.root = root;
        this.budget = budget;
        this.arrays = arrays;
    }

    /** A key within a key. */
    static String join(String key, String name) {
        return key.isEmpty() ? name : key + "." + name;
    }

    /** Mappings under {@code from}, itself included, that have tensors of their own, and modules that have any. */
    List<Found> under(Value from, String key) {
        List<Found> found = new ArrayList<>();
        Set<Value> seen = set();
        Deque<Found> open = new ArrayDeque<>(List.of(new Found(from, key, 0)));
        seen.add(from);
        while (!open.isEmpty() && found.size() < LISTED) {
            Found at = open.pop();
            boolean module = at.mapping() instanceof Value.Module;
            if (module ? holdsTensors(at.mapping()) : holdsTensorsItself(at.mapping())) {
                found.add(at);
            }
            Deque<Found> inside = new ArrayDeque<>();
            int entries = at.depth() < DEPTH ? Containers.size(at.mapping()) : 0;
            for (int k = 0; k < entries; k++) {
                budget.look(1);
                String name = Containers.key(at.mapping(), k, false);
                Value value = Containers.value(at.mapping(), k);
                boolean searched =
                        name != null && Containers.size(value) > 0 && at.key().length() + name.length() < LONGEST_KEY;
                if (searched && seen.add(value)) {
                    budget.name(at.key().length() + name.length());
                    inside.push(new Found(value, join(at.key(), name), at.depth() + 1));
                }
            }
            inside.forEach(open::push);
        }
        return found;
    }

    /** Whether a mapping has tensors among its own entries. */
    boolean holdsTensorsItself(Value mapping) {
        budget.look(Containers.size(mapping));
        for (int k = 0; k < Containers.size(mapping); k++) {
            String key = Containers.key(mapping, k, false);
            // The states of random generators are tensors too, but not weights.
            if (key != null && !key.endsWith("rng_state") && isTensor(Containers.value(mapping, k))) {
                return true;
            }
        }
        return false;
    }

    private boolean isTensor(Value value) {
        return Kinds.isTensor(value) || (arrays && NumpyArray.isArray(value));
    }

    /** Whether a mapping of the file has tensors anywhere under it. */
    boolean holdsTensors(Value mapping) {
        if (holders == null) {
            holders = holders();
        }
        return holders.contains(mapping);
    }

    /** Goes through the structure once, and then up from the tensors: a mapping may be within any number of others. */
    private Set<Value> holders() {
        Map<Value, List<Value>> parents = new IdentityHashMap<>();
        parents.put(root, new ArrayList<>());
        Deque<Value> open = new ArrayDeque<>(List.of(root));
        Deque<Value> found = new ArrayDeque<>();
        while (!open.isEmpty()) {
            Value at = open.pop();
            if (holdsTensorsItself(at)) {
                found.push(at);
            }
            budget.look(Containers.size(at));
            for (int k = 0; k < Containers.size(at); k++) {
                Value value = Containers.value(at, k);
                if (Containers.key(at, k, false) != null && Containers.size(value) > 0) {
                    if (!parents.containsKey(value)) {
                        parents.put(value, new ArrayList<>(1));
                        open.push(value);
                    }
                    parents.get(value).add(at);
                }
            }
        }
        Set<Value> all = set();
        while (!found.isEmpty()) {
            Value at = found.pop();
            if (all.add(at)) {
                parents.get(at).forEach(found::push);
            }
        }
        return all;
    }

    private static Set<Value> set() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }
}
