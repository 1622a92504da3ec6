package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.read.SameValues;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.NameList;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Notes for the user on ingredients that fit together all the same. */
public final class IngredientNotes {
    private IngredientNotes() {}

    /** Reports them to {@code listener}; {@code dtype} is the soup's, empty for the first ingredient's. */
    public static void tell(Ingredients matched, Optional<DType> dtype, RunListener listener)
            throws InterruptedException {
        if (matched.checkpoints().size() == 1) {
            listener.note("one ingredient makes a copy, not a soup");
        }
        Set<Path> seen = new HashSet<>();
        for (Checkpoint ingredient : matched.checkpoints()) {
            if (!seen.add(ingredient.path().toAbsolutePath().normalize())) {
                listener.warning(ingredient.path() + " is listed twice and counts twice");
            }
        }
        Map<String, List<String>> notes = new LinkedHashMap<>();
        for (Map.Entry<String, Counterparts> tensor : matched.tensors().entrySet()) {
            Counterparts counterparts = tensor.getValue();
            boolean averaged = counterparts.first().dtype().isFloat();
            if (averaged && !counterparts.oneType() && dtype.isEmpty()) {
                notes.computeIfAbsent("ingredients of several dtypes, written in the first's: ", k -> new ArrayList<>())
                        .add(tensor.getKey());
            } else if (!averaged && differs(counterparts)) {
                notes.computeIfAbsent(
                                "not averaged, the first ingredient's values taken though others differ: ",
                                k -> new ArrayList<>())
                        .add(tensor.getKey());
            }
        }
        notes.forEach((what, names) -> listener.note(what + NameList.of(names)));
    }

    private static boolean differs(Counterparts counterparts) throws InterruptedException {
        for (TensorInfo tensor : counterparts.tensors()) {
            if (!SameValues.of(counterparts.first(), tensor)) {
                return true;
            }
        }
        return false;
    }
}
