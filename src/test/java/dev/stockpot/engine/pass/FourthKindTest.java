package dev.stockpot.engine.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.engine.Combination;
import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Reduce;
import dev.stockpot.engine.Reduction;
import dev.stockpot.engine.SourceSpans;
import dev.stockpot.engine.Stretch;
import dev.stockpot.engine.Task;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Operand;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** Tests that work that no recipe does yet, thresholds by histogram, masks by index and numbers of rows, fits into the pass. */
class FourthKindTest extends TwoModels {
    /** Counts the deviations from the base, the last source, by exponent. */
    private record Histogram() implements Reduction<long[]> {
        @Override
        public long[] zero() {
            return new long[2048];
        }

        @Override
        public long[] add(long[] partial, Elements tile) {
            double[] base = values(tile.sources().get(1), tile.count());
            double[] model = values(tile.sources().get(0), tile.count());
            for (int i = 0; i < model.length; i++) {
                partial[Math.getExponent(model[i] - base[i]) + 1023]++;
            }
            return partial;
        }

        @Override
        public long[] merge(long[] total, long[] next) {
            for (int k = 0; k < total.length; k++) {
                total[k] += next[k];
            }
            return total;
        }
    }

    /** The largest deviation with a smaller exponent: a second stage with numbers of its own. */
    private record LargestBelow(int exponent) implements Reduction<Double> {
        @Override
        public Double zero() {
            return 0.0;
        }

        @Override
        public Double add(Double partial, Elements tile) {
            double[] base = values(tile.sources().get(1), tile.count());
            double[] model = values(tile.sources().get(0), tile.count());
            double largest = partial;
            for (int i = 0; i < model.length; i++) {
                double size = Math.abs(model[i] - base[i]);
                largest = Math.getExponent(size) < exponent ? Math.max(largest, size) : largest;
            }
            return largest;
        }

        @Override
        public Double merge(Double total, Double next) {
            return Math.max(total, next);
        }
    }

    /** Keeps a model's deviations of at least a threshold, except at every third index; elsewhere takes the base. */
    private record Masked(double threshold) implements Combination {
        @Override
        public boolean apply(Elements in, Operand out, boolean streamed) {
            double[] model = values(in.sources().get(0), in.count());
            double[] base = values(in.sources().get(1), in.count());
            ByteBuffer bytes = out.memory().slice(out.offset(), (int) (4 * in.count()));
            for (int i = 0; i < model.length; i++) {
                bytes.putFloat((float) masked(model[i], base[i], threshold, in.first() + i));
            }
            return true;
        }

        @Override
        public boolean joinsTensors() {
            return false;
        }
    }

    private static double masked(double model, double base, double threshold, long index) {
        return Math.abs(model - base) >= threshold && index % 3 != 0 ? model : base;
    }

    /** The smallest exponent with at least half of the elements below it. */
    private static int middle(long[] histogram) {
        long all = 0;
        for (long count : histogram) {
            all += count;
        }
        long below = 0;
        for (int k = 0; k < histogram.length; k++) {
            below += histogram[k];
            if (2 * below >= all) {
                return k - 1023 + 1;
            }
        }
        throw new AssertionError();
    }

    @Test
    void aThresholdByHistogramAndAMaskByIndexFit() throws Exception {
        double[][][] values = new double[2][SIZES.length][];
        List<List<TensorInfo>> tensors = models(values);
        for (Kernels kernels : List.of(new JavaKernels(), KernelSelection.best())) {
            for (int threads : new int[] {1, 3}) {
                for (IoMode io : TestFiles.waysToRead(folder)) {
                    for (int tile : new int[] {1 << 16, 2 << 20}) {
                        Engine engine = Engine.on(kernels, threads, io, tile);
                        List<ByteBuffer> made = trimmed(tensors, engine);
                        for (int t = 0; t < SIZES.length; t++) {
                            String what = "tensor " + t + ", " + threads + " threads, " + io + ", tile " + tile;
                            assertArrayEquals(
                                    expected(values[0][t], values[1][t]),
                                    TestFiles.decoded(DType.F32, made.get(t)),
                                    what);
                        }
                    }
                }
            }
        }
    }

    private static List<ByteBuffer> trimmed(List<List<TensorInfo>> tensors, Engine engine) throws Exception {
        List<ByteBuffer> buffers = new ArrayList<>();
        List<Task> tasks = new ArrayList<>();
        for (int t = 0; t < tensors.size(); t++) {
            int output = t;
            SourceSpans spans = SourceSpans.of(tensors.get(t));
            buffers.add(ByteBuffer.allocateDirect((int) (4 * spans.elements())));
            tasks.add(new Reduce<>(spans, new Histogram(), Optional.of(Needs.NOTHING), histogram -> {
                LargestBelow second = new LargestBelow(middle(histogram));
                return Optional.of(new Reduce<>(
                        spans,
                        second,
                        Optional.of(Needs.NOTHING),
                        threshold -> Optional.of(Stretch.of(output, 0, DType.F32, spans, new Masked(threshold)))));
            }));
        }
        Pass.run(tasks, buffers.stream().map(TensorMemory::of).toList(), engine);
        return buffers;
    }

    /** The expected values, in plain Java, by sorting. */
    private static double[] expected(double[] model, double[] base) {
        double[] sizes = new double[model.length];
        for (int i = 0; i < model.length; i++) {
            sizes[i] = Math.abs(model[i] - base[i]);
        }
        double[] sorted = DoubleStream.of(sizes).sorted().toArray();
        int exponent = model.length == 0 ? 0 : Math.getExponent(sorted[(sorted.length - 1) / 2]) + 1;
        double threshold = DoubleStream.of(sorted)
                .filter(size -> Math.getExponent(size) < exponent)
                .max()
                .orElse(0);
        double[] made = new double[model.length];
        for (int i = 0; i < model.length; i++) {
            made[i] = (float) masked(model[i], base[i], threshold, i);
        }
        return made;
    }

    /** The largest absolute value of each row: rows are not cut, as they are the grain. */
    private record RowMaxima(int columns) implements Reduction<List<Double>> {
        @Override
        public List<Double> zero() {
            return new ArrayList<>();
        }

        @Override
        public List<Double> add(List<Double> partial, Elements tile) {
            double[] values = values(tile.sources().get(0), tile.count());
            for (int i = 0; i < values.length; i++) {
                if ((tile.first() + i) % columns == 0) {
                    partial.add(0.0);
                }
                // An empty list here means that a chunk begins within a row.
                int last = partial.size() - 1;
                partial.set(last, Math.max(partial.get(last), Math.abs(values[i])));
            }
            return partial;
        }

        @Override
        public List<Double> merge(List<Double> total, List<Double> next) {
            total.addAll(next);
            return total;
        }

        @Override
        public long grain() {
            return columns;
        }
    }

    @Test
    void rowsOfAnyLengthAreReducedWhole() throws Exception {
        double[][][] values = new double[2][SIZES.length][];
        List<TensorInfo> tensor = models(values).get(3);
        for (int columns : new int[] {1, 3, 1000, 4096, 262_144, 300_000}) {
            List<Double> expected = new ArrayList<>();
            for (int i = 0; i < SIZES[3]; i++) {
                double size = Math.abs(values[0][3][i]);
                if (i % columns == 0) {
                    expected.add(size);
                }
                expected.set(i / columns, Math.max(expected.get(i / columns), size));
            }
            for (int threads : new int[] {1, 3}) {
                List<Double> maxima = new ArrayList<>();
                Engine engine = Engine.on(new JavaKernels(), threads, IoMode.READ, 1 << 16);
                Pass.run(List.of(Reduce.to(SourceSpans.of(tensor), new RowMaxima(columns), maxima::addAll)), engine);
                assertEquals(expected, maxima, columns + " columns, " + threads + " threads");
            }
        }
    }

    @Test
    void whatFollowsCountsAsReadOnce() throws Exception {
        List<List<TensorInfo>> tensors = models(new double[2][SIZES.length][]);
        long[] reported = new long[2];
        RunListener listener = new RunListener() {
            @Override
            public void started(long bytes) {
                reported[0] = bytes;
            }

            @Override
            public void progress(long bytes) {
                assertTrue(bytes >= reported[1], "progress never goes back");
                reported[1] = bytes;
            }
        };
        trimmed(tensors, Engine.on(new JavaKernels(), 2, IoMode.READ, 1 << 18).with(listener));
        long all = tensors.stream()
                .flatMap(List::stream)
                .mapToLong(TensorInfo::bytes)
                .sum();
        assertArrayEquals(new long[] {all, all}, reported);
    }
}
