package dev.stockpot.diagnose;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.run.Run;
import dev.stockpot.system.Workers;
import dev.stockpot.tensor.TensorInfo;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Two checkpoints, tensor by tensor.
 *
 * @param tensors of either, in order of their names
 */
public record Comparison(List<Row> tensors) {
    public Comparison {
        tensors = List.copyOf(tensors);
    }

    /**
     * A tensor of either checkpoint.
     *
     * @param name of the tensor
     * @param a the first checkpoint's tensor, empty if it has none
     * @param b the second checkpoint's tensor, empty if it has none
     * @param difference of their values, empty if one is missing or the shapes differ
     */
    public record Row(
            String name, Optional<TensorInfo> a, Optional<TensorInfo> b, Optional<TensorComparison> difference) {
        public Row {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(a, "a");
            Objects.requireNonNull(b, "b");
            Objects.requireNonNull(difference, "difference");
        }

        /** Whether both have it with the same shape, dtype and bytes. */
        public boolean equal() {
            return difference.map(TensorComparison::equal).orElse(false);
        }
    }

    /** Whether all tensors are equal. */
    public boolean equal() {
        return tensors.stream().allMatch(Row::equal);
    }

    /**
     * Compares {@code a} with {@code b}; memory use does not grow with their size.
     *
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read
     * @throws InterruptedException if the thread is interrupted; no thread is left running
     */
    public static Comparison of(Checkpoint a, Checkpoint b, Run run) throws InterruptedException {
        TreeSet<String> all = new TreeSet<>(a.tensors().keySet());
        all.addAll(b.tensors().keySet());
        List<String> names = List.copyOf(all);
        Row[] rows = new Row[names.size()];
        AtomicInteger next = new AtomicInteger();
        try (Engine engine = Engine.open(run)) {
            Workers workers = new Workers(engine.executor());
            workers.run(Math.max(1, Math.min(engine.threads(), rows.length)), () -> {
                for (int i = next.getAndIncrement();
                        i < rows.length && !workers.stopped();
                        i = next.getAndIncrement()) {
                    rows[i] = row(names.get(i), a, b, engine.kernels(), workers::stopped);
                }
            });
        }
        return new Comparison(List.of(rows));
    }

    private static Row row(String name, Checkpoint a, Checkpoint b, Kernels kernels, BooleanSupplier stopped) {
        Optional<TensorInfo> left = Optional.ofNullable(a.tensors().get(name));
        Optional<TensorInfo> right = Optional.ofNullable(b.tensors().get(name));
        boolean comparable = left.isPresent()
                && right.isPresent()
                && left.get().shape().equals(right.get().shape());
        return new Row(
                name,
                left,
                right,
                comparable
                        ? Optional.of(TensorComparison.of(left.get(), right.get(), kernels, stopped))
                        : Optional.empty());
    }
}
