package dev.stockpot.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tensors to make and where each goes: for every output, its tensors in the order of their values there. A plan holds
 * only places and numbers; nothing is opened or read until a pass runs it.
 */
public record MixPlan(List<Placed> tensors) {
    /**
     * A tensor at its place.
     *
     * @param tensor to make
     * @param output which output, from 0
     * @param offset of its first byte there
     */
    public record Placed(MixTensor tensor, int output, long offset) {
        /** Adds it to {@code parts}: one by one if it has a rest. */
        private void addTo(List<Placed> parts) {
            if (tensor.rest().isEmpty()) {
                parts.add(this);
                return;
            }
            MixTensor head =
                    new MixTensor(tensor.name(), tensor.dtype(), tensor.shape(), tensor.sources(), tensor.how());
            parts.add(new Placed(head, output, offset));
            long at = offset + head.bytes();
            for (MixTensor part : tensor.rest()) {
                parts.add(new Placed(part, output, at));
                at += part.bytes();
            }
        }
    }

    public MixPlan {
        tensors = List.copyOf(tensors);
    }

    /** The tensors in order, of which none has a rest: those with one are in parts of the same name, one after another. */
    public List<Placed> parts() {
        List<Placed> parts = new ArrayList<>(tensors.size());
        for (Placed placed : tensors) {
            placed.addTo(parts);
        }
        return parts;
    }

    /**
     * The plan's tasks in order. Tensors that are neighbours everywhere become one stretch, unless they are measured first;
     * empty tensors are left out.
     */
    public List<Task> stretches() {
        List<Task> stretches = new ArrayList<>();
        Stretch first = null;
        long elements = 0;
        for (Placed placed : parts()) {
            if (placed.tensor().elements() == 0) {
                continue;
            }
            if (first != null && !first.continuesWith(placed, elements)) {
                stretches.add(first.slice(0, elements));
                first = null;
            }
            if (placed.tensor().how() instanceof Measured<?> measured) {
                stretches.add(reduce(placed, measured));
                continue;
            }
            if (first == null) {
                first = Stretch.of(placed, (Operation) placed.tensor().how());
                elements = 0;
            }
            elements += Stretch.elements(placed.tensor());
        }
        if (first != null) {
            stretches.add(first.slice(0, elements));
        }
        return stretches;
    }

    /** The tensor's reduction, after which it is made as that decides. */
    private static <P> Reduce<P> reduce(Placed placed, Measured<P> measured) {
        return new Reduce<>(
                SourceSpans.of(placed.tensor().sources()),
                measured.reduction(),
                Optional.of(measured.follows()),
                total -> Optional.of(task(placed, measured.decision().apply(total))));
    }

    private static Task task(Placed placed, Way way) {
        return way instanceof Measured<?> measured ? reduce(placed, measured) : Stretch.of(placed, (Operation) way);
    }
}
