package dev.stockpot.recipe.plan;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.text.TensorNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Tensors that some models lack: by model, and what becomes of them. */
final class Lacking {
    private final Missing way;
    private final Map<Checkpoint, List<String>> byModel = new LinkedHashMap<>();
    private final List<String> leftOut = new ArrayList<>();
    private final List<String> merged = new ArrayList<>();
    private final List<String> copied = new ArrayList<>();

    Lacking(Missing way) {
        this.way = way;
    }

    /** What becomes of one. */
    enum Fate {
        MERGE,
        COPY,
        LEAVE_OUT
    }

    /**
     * A tensor that some lack.
     *
     * @param name in the output
     * @param merges whether those that have it are enough for the method
     */
    Fate add(String name, Inputs inputs, boolean merges) {
        inputs.lacking()
                .forEach((model, own) ->
                        byModel.computeIfAbsent(model, m -> new ArrayList<>()).add(own));
        if (way != Missing.KEEP || inputs.tensors().isEmpty()) {
            leftOut.add(name);
            return Fate.LEAVE_OUT;
        }
        (merges ? merged : copied).add(name);
        return merges ? Fate.MERGE : Fate.COPY;
    }

    /**
     * Notes what became of them.
     *
     * @param all how many tensors the models have together
     * @throws SoupException if there are some and that stops a merge, or less than half of the smallest model is in all
     */
    List<String> settle(int all) {
        if (byModel.isEmpty()) {
            return List.of();
        }
        int some = leftOut.size() + merged.size() + copied.size();
        int most = byModel.values().stream().mapToInt(List::size).max().orElse(0);
        boolean few = 2 * (all - some) < all - most;
        if (way == Missing.ERROR || few) {
            String lists = byModel.entrySet().stream()
                    .map(entry -> entry.getKey().path() + " lacks " + TensorNames.counted(entry.getValue()))
                    .collect(Collectors.joining("; "));
            throw new SoupException(
                    Reason.NAMES_DIFFER,
                    lists + (few ? "; only " + (all - some) + " of " + (all - most) + " are in all models" : ""),
                    Details.of()
                            .file(byModel.keySet().iterator().next().path())
                            .number("missing", some)
                            .choices(few ? List.of() : List.of("skip", "keep"))
                            .hint(
                                    few
                                            ? "these are models of two kinds, or their tensors were renamed"
                                            : "such tensors can be left out, or merged each of the models that have it"));
        }
        List<String> notes = new ArrayList<>();
        note(notes, leftOut, "left out, as some models lack them: ");
        note(notes, merged, "kept though some models lack them, each merged of the others: ");
        note(notes, copied, "copied, as too few models have them for the method: ");
        return notes;
    }

    private static void note(List<String> notes, List<String> names, String what) {
        if (!names.isEmpty()) {
            notes.add(what + TensorNames.counted(names));
        }
    }
}
