package dev.stockpot.diagnose;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Two checkpoints, tensor by tensor.
 *
 * @param tensors of either, by name in order
 */
public record Comparison(List<Row> tensors) {
    /**
     * A tensor name of either checkpoint.
     *
     * @param name of the tensor
     * @param a the first's tensor, absent where it has none
     * @param b the second's tensor, absent where it has none
     * @param difference of their values, absent where one is missing or the shapes differ
     */
    public record Row(
            String name, Optional<TensorInfo> a, Optional<TensorInfo> b, Optional<TensorComparison> difference) {
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
     * Compares {@code a} with {@code b}; memory does not grow with them.
     *
     * @throws dev.stockpot.error.CheckpointException where a file cannot be read
     */
    public static Comparison of(Checkpoint a, Checkpoint b, EngineSettings settings) throws InterruptedException {
        TreeSet<String> names = new TreeSet<>(a.tensors().keySet());
        names.addAll(b.tensors().keySet());
        ExecutorService pool = Executors.newFixedThreadPool(settings.threads());
        try {
            List<Future<Row>> rows = new ArrayList<>(names.size());
            for (String name : names) {
                TensorInfo left = a.tensors().get(name);
                TensorInfo right = b.tensors().get(name);
                rows.add(pool.submit(() -> row(name, left, right, settings)));
            }
            List<Row> done = new ArrayList<>(rows.size());
            for (Future<Row> row : rows) {
                done.add(row.get());
            }
            return new Comparison(done);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private static Row row(String name, TensorInfo left, TensorInfo right, EngineSettings settings) {
        boolean comparable = left != null && right != null && left.shape().equals(right.shape());
        Optional<TensorComparison> difference =
                comparable ? Optional.of(TensorComparison.of(left, right, settings.kernels())) : Optional.empty();
        return new Row(name, Optional.ofNullable(left), Optional.ofNullable(right), difference);
    }
}
