package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.file.Contents.Choice;
import dev.stockpot.checkpoint.torch.StateDict.Containers;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Dict;
import dev.stockpot.checkpoint.torch.pickle.Value.Opaque;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the weights among everything that training code saves. Without a key: under the first of the usual names that has
 * any, and so on inside it; otherwise the mapping itself if it holds tensors; otherwise the only mapping inside that does. A
 * key names any mapping by the keys on the path to it, joined with dots.
 */
final class WeightsFinder {
    /** Where training code puts weights, the most usual first; averaged copies come after the model's own. */
    private static final List<String> USUAL = List.of(
            "state_dict",
            "model_state_dict",
            "model_state",
            "model",
            "module",
            "net",
            "network",
            "weights",
            "params",
            "state_dict_ema",
            "ema_state_dict",
            "model_ema",
            "ema");

    private final Path file;
    private final Value root;
    private final boolean code;
    private final WalkBudget budget;
    private final Mappings mappings;

    /** Finds weights in {@code structure}, that of {@code file}. */
    WeightsFinder(Path file, TorchStructure structure) {
        this.file = file;
        this.root = structure.root();
        this.code = structure.code();
        this.budget = new WalkBudget(file, structure.pickleBytes());
        this.mappings = new Mappings(root, budget);
    }

    /** The mapping that was found, the keys on the path to it joined with dots, and how many mappings enclose it. */
    record Found(Value mapping, String key, int depth) {}

    /**
     * Finds the mapping.
     *
     * @param key the keys on the path to it, joined with dots; empty or a dot for the root, null to look in the usual places
     * @throws CheckpointException if there is none, or the choice is not clear
     */
    Found find(String key) {
        if (root instanceof Opaque opaque) {
            throw opaque("is", opaque);
        }
        if (StateDict.isTensor(root)) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED, file, "holds one tensor without a name, not a mapping of names to tensors");
        }
        if (key != null) {
            return key.isEmpty() || key.equals(".") ? new Found(root, "", 0) : named(key);
        }
        if (code) {
            throw new CheckpointException(
                    Reason.IS_CODE,
                    file,
                    "is a TorchScript archive: it holds code, which is never run",
                    Details.of().choices(keys()).hint("name a key to read only tensors; a dot is the whole module"));
        }
        return usual(root, "", 0);
    }

    private CheckpointException opaque(String what, Opaque opaque) {
        if (opaque.why() != null) {
            return new CheckpointException(
                    Reason.UNSUPPORTED, file, what + " " + opaque.why() + ", which cannot be read");
        }
        return new CheckpointException(
                Reason.UNSUPPORTED,
                file,
                what + " made by " + opaque.global() + ", which is not weights; it was not called",
                Details.of().hint("save the state dict (model.state_dict()) rather than the object"));
    }

    private Found usual(Value mapping, String key, int depth) {
        for (String name : depth < Mappings.DEPTH && mapping instanceof Dict ? USUAL : List.<String>of()) {
            Value value = ((Dict) mapping).get(name);
            if (value instanceof Opaque opaque && opaque.why() == null) {
                throw opaque("its " + Mappings.join(key, name) + " is", opaque);
            }
            if (value != null && mappings.holdsTensors(value)) {
                return usual(value, Mappings.join(key, name), depth + 1);
            }
        }
        if (mappings.holdsTensorsItself(mapping)) {
            return new Found(mapping, key, depth);
        }
        List<Found> inside = mappings.under(mapping, key);
        if (inside.size() == 1) {
            return inside.get(0);
        }
        if (inside.isEmpty()) {
            throw nothing(mapping);
        }
        throw new CheckpointException(
                Reason.SEVERAL_MAPPINGS,
                file,
                "holds several mappings of names to tensors: " + String.join(", ", keys(inside)),
                Details.of().choices(keys(inside)).hint("choose one by its key"));
    }

    private CheckpointException nothing(Value mapping) {
        List<String> keys = new ArrayList<>();
        for (int k = 0; k < Math.min(Containers.size(mapping), 8); k++) {
            String key = Containers.key(mapping, k, true);
            Value value = Containers.value(mapping, k);
            if (key != null) {
                keys.add(value instanceof Opaque opaque ? key + " (made by " + opaque.global() + ")" : key);
            }
        }
        String held = keys.isEmpty() ? "" : ", but " + String.join(", ", keys);
        return new CheckpointException(Reason.UNSUPPORTED, file, "holds no mapping of names to tensors" + held);
    }

    private static List<String> keys(List<Found> found) {
        return found.stream()
                .limit(Mappings.LISTED)
                .map(f -> f.key().isEmpty() ? "." : f.key())
                .toList();
    }

    /** A mapping by its key. Keys may contain dots themselves, so every way to split the path is tried. */
    private Found named(String key) {
        record Place(Value container, int at) {
            @Override
            public boolean equals(Object other) {
                return other instanceof Place p && p.container == container && p.at == at;
            }

            @Override
            public int hashCode() {
                return 31 * System.identityHashCode(container) + at;
            }
        }
        Deque<Place> open = new ArrayDeque<>(List.of(new Place(root, 0)));
        Set<Place> seen = new HashSet<>(open);
        Value met = null;
        while (!open.isEmpty()) {
            Place place = open.pop();
            for (int k = 0; k < Containers.size(place.container()); k++) {
                String name = Containers.key(place.container(), k, true);
                if (name == null || !key.startsWith(name, place.at())) {
                    continue;
                }
                Value value = Containers.value(place.container(), k);
                int end = place.at() + name.length();
                if (end == key.length()) {
                    met = value;
                    if (Containers.size(value) > 0) {
                        return new Found(value, key, 0);
                    }
                } else if (key.charAt(end) == '.') {
                    Place next = new Place(value, end + 1);
                    if (seen.add(next)) {
                        open.push(next);
                    }
                }
            }
        }
        if (met instanceof Opaque opaque) {
            throw opaque("its " + key + " is", opaque);
        }
        throw new CheckpointException(
                Reason.NO_SUCH_KEY,
                file,
                met == null ? "has no key " + key : "has nothing but a single value under the key " + key,
                Details.of().choices(keys()).hint("it has tensors under " + String.join(", ", keys())));
    }

    private List<String> keys() {
        return keys(mappings.under(root, ""));
    }

    /** All mappings that hold tensors, with the number of tensors in each; empty if there is only one. */
    List<Choice> choices(Found chosen) {
        List<Choice> choices = new ArrayList<>();
        for (Found found : mappings.under(root, "")) {
            int tensors;
            try {
                tensors = StateDict.tensors(budget, found.mapping(), false).size();
            } catch (CheckpointException e) {
                if (budget.isSpent()) {
                    throw e;
                }
                // Something in it cannot be read: opening it by its key reports that.
                tensors = 0;
            }
            choices.add(new Choice(found.key(), tensors, found.mapping() == chosen.mapping()));
        }
        return choices.size() > 1 ? choices : List.of();
    }

    /** The tensors of the mapping that was found; if it was chosen by key, also those in lists and under numbers. */
    Map<String, Value.Tensor> tensors(Found found, boolean chosen) {
        Map<String, Value.Tensor> tensors = StateDict.tensors(budget, found.mapping(), chosen);
        if (tensors.isEmpty()) {
            throw new CheckpointException(
                    Reason.NO_SUCH_KEY,
                    file,
                    "has no tensors under the key " + found.key(),
                    Details.of().choices(keys()).hint("it has tensors under " + String.join(", ", keys())));
        }
        return tensors;
    }
}
