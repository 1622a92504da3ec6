package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.NameList;
import dev.stockpot.text.TensorNames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Says why ingredients do not fit together, and what would help; only what leads to a sensible model. */
final class Differences {
    /** The most tensors that one expression names. */
    private static final int MOST_NAMED = 8;

    private final List<Checkpoint> checkpoints;
    private final MatchOptions options;

    Differences(List<Checkpoint> checkpoints, MatchOptions options) {
        this.checkpoints = checkpoints;
        this.options = options;
    }

    /** Of {@code name}, which differs in shape or type. */
    SoupException of(String name, Reason reason) {
        Set<String> all = new LinkedHashSet<>();
        checkpoints.forEach(c -> all.addAll(c.tensors().keySet()));
        List<String> differing = new ArrayList<>();
        List<String> inRows = new ArrayList<>();
        for (String other : all) {
            List<TensorInfo> tensors = tensors(other);
            boolean handled = Alignment.matches(options.takeFirst(), other)
                    || Alignment.matches(options.commonRows(), other) && Shapes.differInRows(tensors);
            if (!handled && Shapes.difference(tensors) == reason) {
                differing.add(other);
                if (Shapes.differInRows(tensors)) {
                    inRows.add(other);
                }
            }
        }
        // Models that differ everywhere are of two kinds, of which there is no soup, unless one just has more rows.
        List<String> choices = new ArrayList<>();
        if (differing.size() * 2 <= all.size() || inRows.size() == differing.size() || differing.size() == 1) {
            choices.add(pattern(name, differing));
            if (reason == Reason.SHAPES_DIFFER && inRows.contains(name)) {
                choices.add(pattern(name, inRows));
            }
        }
        String others = differing.size() == 1
                ? ""
                : " (so do " + (differing.size() - 1) + " more of " + all.size() + " tensors)";
        return new SoupException(
                reason,
                "tensor " + TensorNames.shown(name) + " in " + message(name, reason) + others,
                Details.of().tensor(name).file(odd(name, reason)).choices(choices));
    }

    private List<TensorInfo> tensors(String name) {
        List<TensorInfo> tensors = new ArrayList<>();
        for (Checkpoint checkpoint : checkpoints) {
            TensorInfo tensor = checkpoint.tensors().get(name);
            if (tensor != null) {
                tensors.add(tensor);
            }
        }
        return tensors;
    }

    /** The first checkpoint that has it, then the first whose tensor does not go together with that. */
    private List<Checkpoint> pair(String name, Reason reason) {
        Checkpoint first = null;
        for (Checkpoint checkpoint : checkpoints) {
            TensorInfo tensor = checkpoint.tensors().get(name);
            if (tensor != null && first == null) {
                first = checkpoint;
            } else if (tensor != null
                    && Shapes.difference(List.of(first.tensors().get(name), tensor)) == reason) {
                return List.of(first, checkpoint);
            }
        }
        throw new IllegalStateException("no " + name + " differs");
    }

    private Path odd(String name, Reason reason) {
        return pair(name, reason).get(1).path();
    }

    private String message(String name, Reason reason) {
        List<Checkpoint> pair = pair(name, reason);
        TensorInfo pattern = pair.get(0).tensors().get(name);
        TensorInfo tensor = pair.get(1).tensors().get(name);
        return pair.get(1).path() + ": "
                + (reason == Reason.SHAPES_DIFFER
                        ? "its shape is " + tensor.shape() + " but " + pattern.shape()
                        : tensor.dtype() + " cannot be mixed with " + pattern.dtype())
                + " in " + pair.get(0).path();
    }

    /** An expression that matches {@code names}, or of too many of them only the one. */
    static String pattern(String name, List<String> names) {
        List<String> quoted = new ArrayList<>();
        for (String one : names.size() <= MOST_NAMED ? names : List.of(name)) {
            quoted.add("^" + one.replaceAll("[\\\\^$.|?*+()\\[\\]{}]", "\\\\$0") + "$");
        }
        return String.join("|", quoted);
    }

    /**
     * Of names: {@code other} has others than the first checkpoint.
     *
     * @param keeps whether tensors that only some have can be kept
     */
    SoupException ofNames(Checkpoint other, boolean keeps) {
        Checkpoint first = checkpoints.get(0);
        Set<String> mine = first.tensors().keySet();
        Set<String> others = other.tensors().keySet();
        int common = KnownNames.common(mine, others);
        int names = Math.min(mine.size(), others.size());
        boolean few = isFew(first, other);
        List<String> choices = new ArrayList<>(KnownNames.changes(mine, others));
        if (choices.isEmpty() && !few) {
            choices.add("skip");
            if (keeps) {
                choices.add("keep");
            }
        }
        String shared = few ? "; they share " + common + " of " + names + " names" : "";
        String refused = switch (options.onMissing()) {
            case ERROR -> "";
            case SKIP -> ": most of the model would be left out";
            case KEEP -> ": both would be kept as two models in one";
        };
        return new SoupException(
                Reason.NAMES_DIFFER,
                other.path() + ": " + NameList.difference(others, mine) + ", compared with " + first.path() + shared
                        + refused,
                Details.of()
                        .file(other.path())
                        .number("common", common)
                        .number("names", names)
                        .choices(choices)
                        .hint(
                                choices.isEmpty()
                                        ? "these are two models, or their tensors were renamed"
                                        : choices.contains("skip")
                                                ? "such tensors can be left out of the soup"
                                                        + (keeps
                                                                ? ", or averaged each over the ingredients that have it"
                                                                : "")
                                                : "these seem to be the same tensors under other names"));
    }

    /** Whether two have almost no names in common: under half of the smaller one's. */
    static boolean isFew(Checkpoint a, Checkpoint b) {
        int names = Math.min(a.tensors().size(), b.tensors().size());
        return 2 * KnownNames.common(a.tensors().keySet(), b.tensors().keySet()) < names;
    }
}
