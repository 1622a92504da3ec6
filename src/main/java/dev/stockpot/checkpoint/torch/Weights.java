package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.file.Contents.Choice;
import dev.stockpot.checkpoint.torch.WeightsFinder.Found;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Tensor;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The weights of a file, from one mapping or from several. Tensors keep their names, unless two mappings have the same: those
 * of the later one are then marked with its key, as in {@code conv.weight@state_dict_ema}, or it is an error.
 */
final class Weights {
    private final Path file;
    private final WeightsFinder finder;
    private final List<Found> found = new ArrayList<>();
    private final List<Found> all;
    private final boolean chosen;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Map<Value, String> marks = new IdentityHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private final Unread unread;

    /**
     * Finds and names them.
     *
     * @param keys of the mappings; none to look in the usual places
     * @param marking whether names that are in several are marked; otherwise they are an error
     * @throws CheckpointException if something is not found, or cannot be read
     */
    Weights(Path file, TorchStructure structure, List<String> keys, boolean marking) {
        this.file = file;
        this.finder = new WeightsFinder(file, structure);
        this.chosen = !keys.isEmpty();
        if (keys.size() < 2) {
            found.add(finder.find(chosen ? keys.get(0) : null));
        } else {
            new LinkedHashSet<>(keys).forEach(key -> add(finder.find(key)));
        }
        for (Found mapping : found) {
            read(mapping, marking);
        }
        this.all = finder.all();
        this.unread = Unread.of(finder, found, all);
        if (!unread.weights().isEmpty() || !unread.others().isEmpty()) {
            notes.add(0, name(found.get(0)) + also() + " read, but not " + listed());
        }
    }

    private void add(Found mapping) {
        for (Found other : found) {
            Found outer = other.key().length() < mapping.key().length() ? other : mapping;
            Found inner = outer == other ? mapping : other;
            if (outer.key().isEmpty() || inner.key().startsWith(outer.key() + ".")) {
                throw new CheckpointException(
                        Reason.WRONG_CHOICE,
                        file,
                        "has " + Printable.name(name(inner)) + " within " + Printable.name(name(outer))
                                + ", so both cannot be read at once");
            }
        }
        found.add(mapping);
    }

    private void read(Found mapping, boolean marking) {
        StateDict dict = finder.read(mapping, chosen);
        String mark = "";
        if (!tensors.isEmpty()) {
            for (String name : dict.tensors().keySet()) {
                if (tensors.containsKey(name)) {
                    if (!marking) {
                        throw sameNames(name);
                    }
                    mark = "@" + name(mapping);
                    break;
                }
            }
        }
        String end = mark;
        dict.tensors().forEach((name, tensor) -> tensors.put(end.isEmpty() ? name : name + end, tensor));
        marks.put(mapping.mapping(), mark);
        if (!dict.arrays().isEmpty()) {
            notes.add("NumPy arrays are read as tensors: " + dict.arrays());
        }
        if (!dict.others().isEmpty()) {
            notes.add("not read, as they are no tensors: " + dict.others());
        }
        if (chosen) {
            noteStates(dict);
        }
    }

    private void noteStates(StateDict dict) {
        FirstNames states = new FirstNames();
        dict.tensors().keySet().stream().filter(TrainingState::is).forEach(states::add);
        if (!states.isEmpty()) {
            notes.add("states of the training are read like weights: " + states);
        }
    }

    private CheckpointException sameNames(String name) {
        List<String> keys = found.stream().map(Weights::name).toList();
        return new CheckpointException(
                Reason.SAME_NAMES,
                file,
                "has the tensor " + Printable.name(name) + " under more than one of the keys " + String.join(", ", keys)
                        + ": together they need different names",
                Details.of().tensor(name).choices(keys).hint("read one at a time"));
    }

    private static String name(Found mapping) {
        return mapping.key().isEmpty() ? "." : mapping.key();
    }

    private String also() {
        StringBuilder also = new StringBuilder();
        for (int k = 1; k < found.size(); k++) {
            also.append(k + 1 < found.size() ? ", " : " and ").append(name(found.get(k)));
        }
        return also.append(found.size() > 1 ? " are" : " is").toString();
    }

    private String listed() {
        FirstNames names = new FirstNames();
        for (List<Choice> choices : List.of(unread.weights(), unread.others())) {
            for (Choice choice : choices) {
                names.add(choice.key() + " (" + choice.tensors() + (choice.tensors() == 1 ? " tensor)" : " tensors)"));
            }
        }
        return names.toString();
    }

    /** The tensors by name. */
    Map<String, Tensor> tensors() {
        return tensors;
    }

    /** The mappings that hold them, each with what marks its names. */
    Map<Value, String> marks() {
        return marks;
    }

    /** The tensors that were not read. */
    Unread unread() {
        return unread;
    }

    /** What to know about how the file was read. */
    List<String> notes() {
        return notes;
    }

    /** The keys of the file, in front of what is neither read nor around what is read, as far as {@code keeps} says so. */
    FirstNames besides(Predicate<Value> keeps) {
        FirstNames besides = new FirstNames();
        Value root = finder.root();
        for (int k = 0; k < Containers.size(root); k++) {
            String key = Containers.key(root, k, true);
            Value value = Containers.value(root, k);
            boolean whole = marks.containsKey(root);
            boolean read = whole
                    ? StructureScan.written(value) instanceof Tensor || Containers.size(value) > 0
                    : found.stream()
                            .anyMatch(f -> f.key().equals(key) || f.key().startsWith(key + "."));
            if (key != null && !read && keeps.test(value)) {
                besides.add(key);
            }
        }
        return besides;
    }

    /** The budget of all walks through the file. */
    WalkBudget budget() {
        return finder.budget();
    }

    /** All mappings that hold tensors, with the number of tensors in each; empty if the file is one itself and has no other. */
    List<Choice> choices() {
        List<Choice> choices = new ArrayList<>();
        for (Found mapping : all) {
            int count = StateDict.count(finder.budget(), mapping.mapping());
            choices.add(new Choice(mapping.key(), count, marks.containsKey(mapping.mapping())));
        }
        return choices.size() > 1 || !found.get(0).key().isEmpty() ? choices : List.of();
    }
}
