package dev.stockpot.engine.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Average;
import dev.stockpot.engine.Combination;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.Reduce;
import dev.stockpot.engine.Reduction;
import dev.stockpot.engine.SourceSpans;
import dev.stockpot.engine.Stretch;
import dev.stockpot.engine.Task;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Operand;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pass, with kinds of work that no recipe has. */
class PassTest {
    private static final int[] SIZES = {300_001, 0, 5, 2 * 262_144, 1};

    @TempDir
    Path folder;

    /** How many deviations from the base, the last source, there are of each size: by their exponents. */
    private record Histogram() implements Reduction<long[]> {
        @Override
        public long[] zero() {
            return new long[2048];
        }

        @Override
        public long[] add(long[] partial, Elements tile) {
            double[] base = values(tile.sources().get(1), tile.elements());
            double[] model = values(tile.sources().get(0), tile.elements());
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

    /** The largest deviation of those with a smaller exponent; as a second stage has numbers of its own. */
    private record LargestBelow(int exponent) implements Reduction<Double> {
        @Override
        public Double zero() {
            return 0.0;
        }

        @Override
        public Double add(Double partial, Elements tile) {
            double[] base = values(tile.sources().get(1), tile.elements());
            double[] model = values(tile.sources().get(0), tile.elements());
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

    /** Keeps a model's deviations of at least a size, but none at every third index; elsewhere the base. */
    private record Masked(double threshold) implements Combination {
        @Override
        public void apply(
                Kernels kernels, Operand out, List<Operand> sources, long elements, long first, boolean streamed) {
            double[] model = values(sources.get(0), elements);
            double[] base = values(sources.get(1), elements);
            ByteBuffer bytes = out.memory().slice(out.offset(), (int) (4 * elements));
            for (int i = 0; i < model.length; i++) {
                bytes.putFloat((float) masked(model[i], base[i], threshold, first + i));
            }
        }

        @Override
        public boolean joinsTensors() {
            return false;
        }
    }

    private static double masked(double model, double base, double threshold, long index) {
        return Math.abs(model - base) >= threshold && index % 3 != 0 ? model : base;
    }

    private static double[] values(Operand operand, long elements) {
        int bytes = (int) operand.dtype().bytes(elements);
        return TestFiles.decoded(
                operand.dtype(), operand.memory().slice(operand.offset(), bytes).slice());
    }

    /** The exponent below which at least half of the elements are. */
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

    /** Two models of several tensors, their values in {@code values} by model and tensor. */
    private List<List<TensorInfo>> models(double[][][] values) throws IOException {
        List<List<TensorInfo>> tensors = new ArrayList<>();
        for (int t = 0; t < SIZES.length; t++) {
            tensors.add(new ArrayList<>());
        }
        Random random = new Random(1);
        for (int k = 0; k < 2; k++) {
            Map<String, Tensor> model = new LinkedHashMap<>();
            for (int t = 0; t < SIZES.length; t++) {
                double[] drawn = DoubleStream.generate(random::nextGaussian)
                        .limit(SIZES[t])
                        .toArray();
                String shape = "[" + SIZES[t] + "]";
                Tensor tensor = k == 0 ? Tensor.f32(shape, drawn) : Tensor.bf16(shape, drawn);
                values[k][t] = tensor.decoded();
                model.put("t" + t, tensor);
            }
            Path file = TestFiles.write(folder.resolve(k + ".safetensors"), model);
            List<TensorInfo> opened =
                    List.copyOf(Checkpoint.open(file).tensors().values());
            for (int t = 0; t < SIZES.length; t++) {
                tensors.get(t).add(opened.get(t));
            }
        }
        return tensors;
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
            tasks.add(new Reduce<>(spans, new Histogram(), true, histogram -> {
                LargestBelow second = new LargestBelow(middle(histogram));
                return Optional.of(new Reduce<>(
                        spans,
                        second,
                        true,
                        threshold -> Optional.of(Stretch.of(output, 0, DType.F32, spans, new Masked(threshold)))));
            }));
        }
        Pass.run(tasks, new MemorySink(buffers.stream().map(TensorMemory::of).toList()), engine);
        return buffers;
    }

    /** The same in plain Java, by sorting. */
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

    /** A reduction's elements, as text: which it saw, and where chunks were merged. */
    private record Trace() implements Reduction<String> {
        @Override
        public String zero() {
            return "";
        }

        @Override
        public String add(String partial, Elements tile) {
            assertEquals(0, tile.first() % Dot.BLOCK);
            String seen = tile.first() + "-" + (tile.first() + tile.elements());
            String last = partial.substring(partial.indexOf('-') + 1);
            if (partial.isEmpty()) {
                return seen;
            }
            assertEquals(last, Long.toString(tile.first()), "tiles of a chunk in order");
            return partial.substring(0, partial.indexOf('-')) + "-" + (tile.first() + tile.elements());
        }

        @Override
        public String merge(String total, String next) {
            return total + "[" + next + "]";
        }
    }

    @Test
    void chunksAreMergedInTheirOrderWhateverTheThreadsAndTiles() throws Exception {
        List<List<TensorInfo>> tensors = models(new double[2][SIZES.length][]);
        for (int threads : new int[] {1, 4}) {
            for (int tile : new int[] {1 << 16, 1 << 21}) {
                List<String> traces = new ArrayList<>();
                for (List<TensorInfo> tensor : tensors) {
                    Pass.run(
                            List.of(new Reduce<>(SourceSpans.of(tensor), new Trace(), false, trace -> {
                                traces.add(trace);
                                return Optional.empty();
                            })),
                            OutputSink.none(),
                            Engine.on(new JavaKernels(), threads, IoMode.READ, tile));
                }
                assertEquals(
                        List.of("[0-262144][262144-300001]", "[]", "[0-5]", "[0-262144][262144-524288]", "[0-1]"),
                        traces);
            }
        }
    }

    @Test
    void decisionsAreMadeOneAtATimeAndOnceATensor() throws Exception {
        List<List<TensorInfo>> tensors = models(new double[2][SIZES.length][]);
        AtomicInteger inside = new AtomicInteger();
        int[] decided = new int[SIZES.length];
        List<Task> tasks = new ArrayList<>();
        for (int t = 0; t < SIZES.length; t++) {
            int tensor = t;
            tasks.add(new Reduce<>(SourceSpans.of(tensors.get(t)), new Trace(), false, trace -> {
                assertEquals(1, inside.incrementAndGet());
                decided[tensor]++;
                Thread.yield();
                inside.decrementAndGet();
                return Optional.empty();
            }));
        }
        Pass.run(tasks, OutputSink.none(), Engine.on(new JavaKernels(), 4, IoMode.READ, 1 << 16));
        assertArrayEquals(new int[] {1, 1, 1, 1, 1}, decided);
    }

    @Test
    void whatFollowsCountsAsReadOnce() throws Exception {
        List<List<TensorInfo>> tensors = models(new double[2][SIZES.length][]);
        long[] told = new long[2];
        RunListener listener = new RunListener() {
            @Override
            public void started(long bytes) {
                told[0] = bytes;
            }

            @Override
            public void progress(long bytes) {
                assertTrue(bytes >= told[1], "progress goes on");
                told[1] = bytes;
            }
        };
        trimmed(tensors, Engine.on(new JavaKernels(), 2, IoMode.READ, 1 << 18).with(listener));
        long all = tensors.stream()
                .flatMap(List::stream)
                .mapToLong(TensorInfo::bytes)
                .sum();
        assertArrayEquals(new long[] {all, all}, told);
    }

    @Test
    void aDecisionThatFailsEndsThePass() throws Exception {
        List<List<TensorInfo>> tensors = models(new double[2][SIZES.length][]);
        IllegalStateException failure = new IllegalStateException("no");
        List<Task> tasks = new ArrayList<>();
        for (List<TensorInfo> tensor : tensors) {
            tasks.add(new Reduce<>(SourceSpans.of(tensor), new Trace(), true, trace -> {
                throw failure;
            }));
        }
        Engine engine = Engine.on(new JavaKernels(), 3, IoMode.READ, 1 << 16);
        assertSame(
                failure, assertThrows(IllegalStateException.class, () -> Pass.run(tasks, OutputSink.none(), engine)));
        assertFalse(
                Thread.getAllStackTraces().keySet().stream()
                        .anyMatch(thread -> thread.getName().startsWith("stockpot-worker")),
                "a thread is left running");
    }

    @Test
    void anEmptyTensorThatIsReducedMayBeFollowed() throws Exception {
        Path file = TestFiles.write(folder.resolve("empty.safetensors"), Map.of("none", Tensor.f32("[0,3]")));
        SourceSpans spans = SourceSpans.of(List.of(Checkpoint.open(file).tensor("none")));
        List<String> decided = new ArrayList<>();
        Task task = new Reduce<>(spans, new Trace(), true, trace -> {
            decided.add(trace);
            return Optional.of(Stretch.of(0, 0, DType.F32, spans, Average.SUM));
        });
        ByteBuffer none = ByteBuffer.allocateDirect(0).order(ByteOrder.LITTLE_ENDIAN);
        Pass.run(
                List.of(task),
                new MemorySink(List.of(TensorMemory.of(none))),
                Engine.on(new JavaKernels(), 2, IoMode.READ, 1 << 16));
        assertEquals(List.of("[]"), decided);
    }

    /** A reduction that needs more scratch memory than those that the pass begins with. */
    private record Greedy() implements Reduction<Integer> {
        @Override
        public Integer zero() {
            return 0;
        }

        @Override
        public Integer add(Integer partial, Elements tile) {
            return partial;
        }

        @Override
        public Integer merge(Integer total, Integer next) {
            return total + next;
        }

        @Override
        public int scratchVectors() {
            return 3;
        }
    }

    @Test
    void scratchMemoryThatNobodyPlannedIsRefused() throws Exception {
        List<List<TensorInfo>> tensors = models(new double[2][SIZES.length][]);
        SourceSpans spans = SourceSpans.of(tensors.get(2));
        Task task = new Reduce<>(
                spans,
                new Trace(),
                true,
                trace -> Optional.of(new Reduce<>(spans, new Greedy(), false, count -> Optional.empty())));
        Engine engine = Engine.on(new JavaKernels(), 1, IoMode.READ, 1 << 16);
        assertThrows(IllegalStateException.class, () -> Pass.run(List.of(task), OutputSink.none(), engine));
    }
}
