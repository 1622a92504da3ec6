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

    /** The plan's runs in order: neighbours that are neighbours in every file too are mixed as one. */
    public List<Stretch> runs() {
        List<Stretch> runs = new ArrayList<>();
        Stretch first = null;
        long elements = 0;
        for (Placed placed : tensors) {
            if (placed.tensor().elements() == 0) {
                continue;
            }
            if (first == null || !first.continuesWith(placed, elements)) {
                if (first != null) {
                    runs.add(first.slice(0, elements));
                }
                first = Stretch.of(placed);
                elements = 0;
            }
            elements += Stretch.elements(placed.tensor());
        }
        if (first != null) {
            runs.add(first.slice(0, elements));
        }
        return runs;
    }
}
