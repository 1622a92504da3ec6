package dev.stockpot.engine;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.RandomAccess;

/**
 * The tensors to make and where each goes: for every output, its tensors in the order of their values there. A plan holds
 * only places and numbers; nothing is opened or read until a pass runs it.
 */
public record MixPlan(List<Placed> tensors) {
    /** The most tasks that are kept: a pass asks for each several times, and making one again makes its formula again. */
    private static final int MOST_KEPT = 1024;

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
     *
     * @return a list that makes a task whenever it is asked for it if there are very many, as they would take much memory
     */
    public List<Task> stretches() {
        List<Joined> joined = new ArrayList<>();
        Placed first = null;
        Stretch open = null;
        long elements = 0;
        for (Placed placed : parts()) {
            MixTensor tensor = placed.tensor();
            if (tensor.elements() == 0) {
                continue;
            }
            Way how = tensor.how();
            if (open == null || !open.continuesWith(placed, how, elements)) {
                if (first != null) {
                    joined.add(new Joined(first, elements));
                }
                first = placed;
                open = how instanceof Operation operation ? Stretch.of(placed, operation) : null;
                elements = 0;
            }
            elements += Stretch.elements(tensor);
        }
        if (first != null) {
            joined.add(new Joined(first, elements));
        }
        Tasks tasks = new Tasks(joined);
        return joined.size() > MOST_KEPT ? tasks : List.copyOf(tasks);
    }

    /** Tensors that are made by one task: how many elements there are from where the first begins. */
    private record Joined(Placed first, long elements) {
        Task task() {
            Task task = MixPlan.task(first, first.tensor().how());
            return task instanceof Stretch stretch ? stretch.slice(0, elements) : task;
        }
    }

    private static final class Tasks extends AbstractList<Task> implements RandomAccess {
        private final List<Joined> joined;

        Tasks(List<Joined> joined) {
            this.joined = joined;
        }

        @Override
        public Task get(int index) {
            return joined.get(index).task();
        }

        @Override
        public int size() {
            return joined.size();
        }
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
