package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.adapter.AdapterMean;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Figures;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Checkpoints of which each tensor has the same name in all, as far as that is certain.
 *
 * @param checkpoints in the order given
 * @param ties tensors that are tied to others in all checkpoints, though some saved them as one
 * @param excluded the tensors that were left out as asked
 * @param notes what was done, for the user
 */
record Alignment(List<Checkpoint> checkpoints, Map<String, String> ties, List<String> excluded, List<String> notes) {
    /** Aligns {@code checkpoints}; if all have the same names, that takes no more than to see it. */
    static Alignment of(List<Checkpoint> checkpoints, MatchOptions options) {
        Set<String> excluded = new LinkedHashSet<>();
        List<Checkpoint> aligned =
                options.exclude().isEmpty() ? checkpoints : without(checkpoints, options.exclude(), excluded);
        List<String> notes = new ArrayList<>();
        if (SameGraph.isGraph(aligned.get(0))) {
            aligned = SameGraph.named(aligned, notes);
        }
        Map<String, String> ties = Map.of();
        if (!haveSameNames(aligned)) {
            aligned = Prefixes.takenOff(aligned, notes);
            if (!haveSameNames(aligned) && !AdapterMean.isAdapter(aligned.get(0))) {
                TiedTensors tied = new TiedTensors(aligned);
                tied.find(notes);
                aligned = tied.checkpoints();
                ties = tied.ties();
            }
        }
        return new Alignment(List.copyOf(aligned), ties, List.copyOf(excluded), notes);
    }

    /** The same of what adapters have besides their factors. */
    Alignment withoutFactors() {
        List<Checkpoint> whole =
                checkpoints.stream().map(AdapterMean::withoutFactors).toList();
        return new Alignment(whole, ties, excluded, notes);
    }

    static boolean haveSameNames(List<Checkpoint> checkpoints) {
        Map<String, TensorInfo> first = checkpoints.get(0).tensors();
        for (Checkpoint other : checkpoints) {
            if (!haveSameNames(other.tensors(), first)) {
                return false;
            }
        }
        return true;
    }

    /** Whether two have the same names; fine-tunes of one model share their tensors, which makes it quick. */
    static boolean haveSameNames(Map<String, TensorInfo> a, Map<String, TensorInfo> b) {
        return a == b
                || a instanceof TensorMap x && b instanceof TensorMap y && x.isViewOfSame(y)
                || a.keySet().equals(b.keySet());
    }

    private static List<Checkpoint> without(List<Checkpoint> all, List<Pattern> patterns, Set<String> excluded) {
        List<Checkpoint> rest = new ArrayList<>();
        for (Checkpoint checkpoint : all) {
            List<TensorInfo> kept = new ArrayList<>();
            for (TensorInfo tensor : checkpoint.tensors().values()) {
                if (matches(patterns, tensor.name())) {
                    excluded.add(tensor.name());
                } else {
                    kept.add(tensor);
                }
            }
            if (kept.isEmpty() && !checkpoint.tensors().isEmpty()) {
                throw new SoupException(
                        Reason.NOTHING_IN_COMMON,
                        checkpoint.path() + ": all "
                                + Figures.count(checkpoint.tensors().size(), "tensor")
                                + " would be left out, so there is nothing to average",
                        Details.of().file(checkpoint.path()).hint("exclude fewer tensors"));
            }
            rest.add(checkpoint.withTensors(kept));
        }
        return rest;
    }

    /** Whether one of {@code patterns} matches some part of a name. */
    static boolean matches(List<Pattern> patterns, String name) {
        for (Pattern pattern : patterns) {
            if (pattern.matcher(name).find()) {
                return true;
            }
        }
        return false;
    }
}
