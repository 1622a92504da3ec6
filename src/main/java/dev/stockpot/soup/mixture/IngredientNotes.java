package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.read.SameValues;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.TensorNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Notes for the user on ingredients that fit together all the same. */
public final class IngredientNotes {
    private IngredientNotes() {}

    /**
     * Reports them to {@code listener}; {@code dtype} is the soup's, empty for the first ingredient's.
     *
     * @throws dev.stockpot.error.SoupException if values that cannot be averaged differ
     */
    public static void tell(Ingredients matched, Optional<DType> dtype, RunListener listener)
            throws InterruptedException {
        if (matched.checkpoints().size() == 1) {
            listener.note("one ingredient makes a copy, not a soup");
        }
        for (String note : matched.notes()) {
            listener.note(note);
        }
        Checkpoint.notes(matched.checkpoints()).forEach(listener::note);
        Map<String, List<String>> notes = new LinkedHashMap<>();
        for (Map.Entry<String, Counterparts> tensor : matched.tensors().entrySet()) {
            Counterparts counterparts = tensor.getValue();
            boolean averaged = counterparts.averaged();
            if (counterparts.takesFirst()) {
                continue;
            }
            if (counterparts.first().dtype().kind() == DType.Kind.PACKED) {
                for (TensorInfo other : counterparts.tensors()) {
                    checkSame(counterparts.first(), other);
                }
            } else if (averaged && !counterparts.oneType() && dtype.isEmpty()) {
                notes.computeIfAbsent("ingredients of several dtypes, written in the first's: ", k -> new ArrayList<>())
                        .add(tensor.getKey());
            } else if (!averaged && differs(counterparts)) {
                notes.computeIfAbsent(
                                "not averaged, the first ingredient's values taken though others differ: ",
                                k -> new ArrayList<>())
                        .add(tensor.getKey());
            }
        }
        notes.forEach((what, names) -> listener.note(what + TensorNames.listed(names)));
    }

    /**
     * Checks that a tensor whose values cannot be averaged, such as complex numbers, has those of another, so that it can be
     * copied.
     *
     * @throws SoupException if it has not
     */
    public static void checkSame(TensorInfo pattern, TensorInfo tensor) throws InterruptedException {
        if (!SameValues.of(pattern, tensor)) {
            throw new SoupException(
                    Reason.NOT_AVERAGED,
                    "tensor " + TensorNames.shown(tensor.name()) + " in " + tensor.source() + ": " + tensor.dtype()
                            + " values cannot be averaged, and these are not those in " + pattern.source(),
                    Details.of()
                            .tensor(tensor.name())
                            .choices(List.of(Differences.pattern(tensor.name(), List.of(tensor.name())))));
        }
    }

    private static boolean differs(Counterparts counterparts) throws InterruptedException {
        TensorInfo first = counterparts.first();
        for (TensorInfo tensor : counterparts.tensors()) {
            // Masks are saved as BOOL or as bytes, with the same values.
            boolean mask = (tensor.dtype() == DType.BOOL) != (first.dtype() == DType.BOOL)
                    && tensor.dtype().bits() == first.dtype().bits();
            TensorInfo other = !mask
                    ? tensor
                    : new TensorInfo(
                            tensor.name(),
                            first.dtype(),
                            tensor.shape(),
                            tensor.source(),
                            tensor.offset(),
                            tensor.bytes());
            if (!SameValues.of(first, other)) {
                return true;
            }
        }
        return false;
    }
}
