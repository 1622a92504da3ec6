package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.torch.StateDict.Containers;
import dev.stockpot.checkpoint.torch.WeightsFinder.Found;
import dev.stockpot.checkpoint.torch.pickle.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** The mappings of names to tensors in a structure, searched within bounds. */
final class Mappings {
    /** The most mappings that are listed. */
    static final int LISTED = 64;

    /** How many mappings deep the search goes. */
    static final int DEPTH = 8;

    private static final int NODES_SEARCHED = 1_000_000;
    private static final int LONGEST_KEY = 1 << 12;

    private Mappings() {}

    /** A key within a key. */
    static String join(String key, String name) {
        return key.isEmpty() ? name : key + "." + name;
    }

    /** Mappings under {@code from}, itself included, that have tensors of their own, and modules that have any. */
    static List<Found> under(Value from, String key) {
        List<Found> found = new ArrayList<>();
        Set<Value> seen = Collections.newSetFromMap(new IdentityHashMap<>());
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
            for (int k = 0; k < entries && seen.size() < NODES_SEARCHED; k++) {
                String name = Containers.key(at.mapping(), k, false);
                Value value = Containers.value(at.mapping(), k);
                boolean searched =
                        name != null && Containers.size(value) > 0 && at.key().length() + name.length() < LONGEST_KEY;
                if (searched && seen.add(value)) {
                    inside.push(new Found(value, join(at.key(), name), at.depth() + 1));
                }
            }
            inside.forEach(open::push);
        }
        return found;
    }

    /** Whether a mapping has tensors among its own entries. */
    static boolean holdsTensorsItself(Value mapping) {
        for (int k = 0; k < Containers.size(mapping); k++) {
            String key = Containers.key(mapping, k, false);
            // The states of random generators are tensors too, but not weights.
            if (key != null && !key.endsWith("rng_state") && StateDict.isTensor(Containers.value(mapping, k))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a mapping has tensors anywhere under it. */
    static boolean holdsTensors(Value mapping) {
        Set<Value> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Value> open = new ArrayDeque<>(List.of(mapping));
        while (!open.isEmpty()) {
            Value at = open.pop();
            if (holdsTensorsItself(at)) {
                return true;
            }
            for (int k = 0; k < Containers.size(at) && seen.size() < NODES_SEARCHED; k++) {
                Value value = Containers.value(at, k);
                if (Containers.key(at, k, false) != null && Containers.size(value) > 0 && seen.add(value)) {
                    open.push(value);
                }
            }
        }
        return false;
    }
}
