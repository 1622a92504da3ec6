package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Dict;
import dev.stockpot.checkpoint.torch.pickle.Value.Opaque;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.Printable;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the weights among everything that training code saves. Without a key: under the first of the usual names that has
 * any, and so on inside it; otherwise the mapping itself if it holds tensors; otherwise the only mapping inside that does;
 * and if the file has no tensors at all, the same with arrays of NumPy. A key names any mapping by the keys on the path to
 * it, joined with dots.
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
    private Mappings mappings;

    /** Finds weights in {@code structure}, that of {@code file}. */
    WeightsFinder(Path file, TorchStructure structure) {
        this.file = file;
        this.root = structure.root();
        this.code = structure.code();
        this.budget = new WalkBudget(file, structure.pickleBytes());
        this.mappings = new Mappings(root, budget, false);
    }

    /** The mapping that was found, the keys on the path to it joined with dots, and how many mappings enclose it. */
    record Found(Value mapping, String key, int depth) {}

    /** The budget of all walks through the file. */
    WalkBudget budget() {
        return budget;
    }

    /** All mappings that hold tensors. */
    List<Found> all() {
        return mappings.under(root, "");
    }

    /** The object that was saved. */
    Value root() {
        return root;
    }

    /**
     * Finds the mapping.
     *
     * @param key the keys on the path to it, joined with dots; empty or a dot for the root, null to look in the usual places
     * @throws CheckpointException if there is none, or the choice is not clear
     */
    Found find(String key) {
        if (root instanceof Opaque || root instanceof Value.Made) {
            throw made("is", root);
        }
        if (Kinds.isTensor(root)) {
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
        Found found = usual(root, "", 0);
        if (found == null) {
            mappings = new Mappings(root, budget, true);
            found = usual(root, "", 0);
        }
        if (found == null) {
            throw nothing(root);
        }
        return found;
    }

    private CheckpointException made(String what, Value value) {
        if (value instanceof Opaque opaque && opaque.why() != null) {
            return new CheckpointException(
                    Reason.UNSUPPORTED, file, what + " " + opaque.why() + ", which cannot be read");
        }
        return new CheckpointException(
                Reason.UNSUPPORTED,
                file,
                what + " made by " + Kinds.of(value) + ", which is not weights; it was not called",
                Details.of().hint("save the state dict (model.state_dict()) rather than the object"));
    }

    /** Null if there is none. */
    private Found usual(Value mapping, String key, int depth) {
        for (String name : depth < Mappings.DEPTH && mapping instanceof Dict ? USUAL : List.<String>of()) {
            Value value = ((Dict) mapping).get(name);
            if (value instanceof Opaque opaque && opaque.why() == null
                    || value instanceof Value.Made object && ObjectTensors.in(object, budget)) {
                throw made("its " + Mappings.join(key, name) + " is", value);
            }
            if (value != null && mappings.holdsTensors(value)) {
                return usual(value, Mappings.join(key, name), depth + 1);
            }
        }
        if (mappings.holdsTensorsItself(mapping)) {
            return new Found(mapping, key, depth);
        }
        List<Found> inside = mappings.under(mapping, key);
        if (inside.isEmpty()) {
            return null;
        }
        if (inside.size() == 1) {
            return inside.get(0);
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
                boolean object = value instanceof Opaque || value instanceof Value.Made;
                keys.add(object ? key + " (made by " + Kinds.of(value) + ")" : key);
            }
        }
        String held = keys.isEmpty() ? "" : ", but " + String.join(", ", keys);
        return new CheckpointException(
                Reason.UNSUPPORTED,
                file,
                "holds no mapping of names to tensors" + held,
                Details.of().hint(OtherContents.hint(file, keys)));
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
        if (met instanceof Opaque || met instanceof Value.Made) {
            throw made("its " + Printable.name(key) + " is", met);
        }
        throw new CheckpointException(
                Reason.NO_SUCH_KEY,
                file,
                met == null
                        ? "has no key " + Printable.name(key)
                        : "has nothing but a single value under the key " + Printable.name(key),
                Details.of().choices(keys()).hint("it has tensors under " + String.join(", ", keys())));
    }

    private List<String> keys() {
        return keys(all());
    }

    /** What is in the mapping that was found; if it was {@code chosen} by key, also in its lists and under its numbers. */
    StateDict read(Found found, boolean chosen) {
        StateDict read = StateDict.of(budget, found.mapping(), chosen);
        if (read.tensors().isEmpty()) {
            throw new CheckpointException(
                    Reason.NO_SUCH_KEY,
                    file,
                    "has no tensors under the key " + Printable.name(found.key()),
                    Details.of().choices(keys()).hint("it has tensors under " + String.join(", ", keys())));
        }
        return read;
    }
}
