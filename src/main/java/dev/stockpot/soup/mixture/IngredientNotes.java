package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.read.SpanComparison;
import dev.stockpot.run.MixListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a user may want to know of ingredients that fit together all the same. */
public final class IngredientNotes {
    private IngredientNotes() {}

    /** Tells {@code listener}; {@code dtype} is the soup's, or null for the first ingredient's. */
    public static void tell(Ingredients matched, DType dtype, MixListener listener) {
        if (matched.checkpoints().size() == 1) {
            listener.note("one ingredient makes a copy, not a soup");
        }
        Set<Path> seen = new HashSet<>();
        for (Checkpoint ingredient : matched.checkpoints()) {
            if (!seen.add(ingredient.path().toAbsolutePath().normalize())) {
                listener.note("warning: " + ingredient.path() + " is named twice and weighs twice");
            }
        }
        Map<String, List<String>> told = new LinkedHashMap<>();
        matched.tensors().forEach((name, counterparts) -> {
            TensorInfo first = counterparts.first();
            if (!counterparts.oneType() && dtype == null && first.dtype().isFloat()) {
                told.computeIfAbsent("ingredients of several dtypes, written in the first's: ", k -> new ArrayList<>())
                        .add(name);
            }
            if (!first.dtype().isFloat()
                    && counterparts.tensors().stream().anyMatch(t -> !SpanComparison.sameValues(first, t))) {
                told.computeIfAbsent(
                                "not averaged, the first ingredient's values taken though others differ: ",
                                k -> new ArrayList<>())
                        .add(name);
            }
        });
        told.forEach((what, names) -> listener.note(what + shown(names)));
    }

    private static String shown(List<String> names) {
        String some = String.join(", ", names.subList(0, Math.min(3, names.size())));
        return names.size() <= 3 ? some : some + " and " + (names.size() - 3) + " more";
    }
}
