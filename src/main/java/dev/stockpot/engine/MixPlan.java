package dev.stockpot.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * What to mix and where each result goes: for every output, its tensors in the order in which their values lie there.
 * A plan holds spans and numbers only; nothing is open and nothing is read until an engine runs it.
 */
public record MixPlan(List<Placed> tensors) {
    /**
     * A tensor at its place.
     *
     * @param tensor to mix
     * @param output which output, from 0
     * @param offset of its first byte there
     */
    public record Placed(MixTensor tensor, int output, long offset) {}

    public MixPlan {
        tensors = List.copyOf(tensors);
    }

    /** Bytes that running the plan reads. */
    public long sourceBytes() {
        return tensors.stream().mapToLong(p -> p.tensor().sourceBytes()).sum();
    }

    /** The plan's runs in order: neighbours that are neighbours in every file too are mixed as one. */
    List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        for (Placed placed : tensors) {
            if (placed.tensor().elements() == 0) {
                continue;
            }
            Run run = Run.of(placed);
            Run last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
            if (last != null && last.continuesWith(run)) {
                runs.set(runs.size() - 1, last.joined(run));
            } else {
                runs.add(run);
            }
        }
        return runs;
    }
}
