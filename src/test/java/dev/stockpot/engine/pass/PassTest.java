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
import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Reduce;
import dev.stockpot.engine.Reduction;
import dev.stockpot.engine.SourceSpans;
import dev.stockpot.engine.Stretch;
import dev.stockpot.engine.Task;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.Operand;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The pass, with kinds of work that no recipe has. */
class PassTest extends TwoModels {
    private static final Optional<Needs> NEEDS_NOTHING = Optional.of(Needs.NOTHING);

    /** Records as text which elements a reduction saw, and where chunks were merged. */
    private record Trace() implements Reduction<String> {
        @Override
        public String zero() {
            return "";
        }

        @Override
        public String add(String partial, Elements tile) {
            assertEquals(0, tile.first() % Dot.BLOCK);
            String seen = tile.first() + "-" + (tile.first() + tile.count());
            String last = partial.substring(partial.indexOf('-') + 1);
            if (partial.isEmpty()) {
                return seen;
            }
            assertEquals(last, Long.toString(tile.first()), "tiles of a chunk in order");
            return partial.substring(0, partial.indexOf('-')) + "-" + (tile.first() + tile.count());
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
                            List.of(Reduce.to(SourceSpans.of(tensor), new Trace(), traces::add)),
                            Engine.on(new JavaKernels(), threads, IoMode.READ, tile));
                }
                assertEquals(
                        List.of("[0-262144][262144-300001]", "[]", "[0-5]", "[0-262144][262144-524288]", "[0-1]"),
                        traces);
            }
        }
    }

    /** Waits in its first chunk until two others are complete. */
    private static final class Backwards implements Reduction<String> {
        private final CountDownLatch others = new CountDownLatch(2);

        @Override
        public String zero() {
            return "";
        }

        @Override
        public String add(String partial, Elements tile) {
            if (tile.first() == 0) {
                try {
                    assertTrue(others.await(1, TimeUnit.MINUTES), "no thread took other chunks");
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            long end = tile.first() + tile.count();
            if (end % Dot.CHUNK == 0 && end > Dot.CHUNK) {
                others.countDown();
            }
            return partial.isEmpty() ? Long.toString(tile.first() / Dot.CHUNK) : partial;
        }

        @Override
        public String merge(String total, String next) {
            return total + next;
        }
    }

    @Test
    void aChunkThatComesEarlyWaitsForThoseBeforeIt() throws Exception {
        Path file = TestFiles.sparse(folder.resolve("sparse.safetensors"), "w", DType.BF16, 6L * Dot.CHUNK);
        List<String> merged = new ArrayList<>();
        SourceSpans spans = SourceSpans.of(List.of(Checkpoint.open(file).tensor("w")));
        Task task = Reduce.to(spans, new Backwards(), merged::add);
        Pass.run(List.of(task), Engine.on(new JavaKernels(), 2, IoMode.READ, 1 << 16));
        assertEquals(List.of("012345"), merged);
    }

    @Test
    void decisionsAreMadeOneAtATimeAndOnceATensor() throws Exception {
        List<List<TensorInfo>> tensors = models(new double[2][SIZES.length][]);
        AtomicInteger inside = new AtomicInteger();
        int[] decided = new int[SIZES.length];
        List<Task> tasks = new ArrayList<>();
        for (int t = 0; t < SIZES.length; t++) {
            int tensor = t;
            tasks.add(Reduce.to(SourceSpans.of(tensors.get(t)), new Trace(), trace -> {
                assertEquals(1, inside.incrementAndGet());
                decided[tensor]++;
                Thread.yield();
                inside.decrementAndGet();
            }));
        }
        Pass.run(tasks, Engine.on(new JavaKernels(), 4, IoMode.READ, 1 << 16));
        assertArrayEquals(new int[] {1, 1, 1, 1, 1}, decided);
    }

    @Test
    void aDecisionThatFailsEndsThePass() throws Exception {
        List<List<TensorInfo>> tensors = models(new double[2][SIZES.length][]);
        IllegalStateException failure = new IllegalStateException("no");
        List<Task> tasks = new ArrayList<>();
        for (List<TensorInfo> tensor : tensors) {
            tasks.add(new Reduce<>(SourceSpans.of(tensor), new Trace(), NEEDS_NOTHING, trace -> {
                throw failure;
            }));
        }
        Engine engine = Engine.on(new JavaKernels(), 3, IoMode.READ, 1 << 16);
        assertSame(failure, assertThrows(IllegalStateException.class, () -> Pass.run(tasks, engine)));
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("stockpot-worker")) {
                // It has no work any more, but may not have ended yet.
                thread.join(10_000);
                assertFalse(thread.isAlive(), "a thread is left running");
            }
        }
    }

    @Test
    void anEmptyTensorThatIsReducedMayBeFollowed() throws Exception {
        Path file = TestFiles.write(folder.resolve("empty.safetensors"), Map.of("none", Tensor.f32("[0,3]")));
        SourceSpans spans = SourceSpans.of(List.of(Checkpoint.open(file).tensor("none")));
        List<String> decided = new ArrayList<>();
        Task task = new Reduce<>(spans, new Trace(), NEEDS_NOTHING, trace -> {
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

    /** A reduction that uses three scratch vectors. */
    private record Scribbling() implements Reduction<Integer> {
        @Override
        public Integer zero() {
            return 0;
        }

        @Override
        public Integer add(Integer partial, Elements tile) {
            for (int k = 0; k < 3; k++) {
                Operand vector = tile.scratch().get(k);
                for (int i = 0; i < tile.count(); i++) {
                    vector.memory().slice(vector.offset() + 8L * i, 8).putDouble(k);
                }
            }
            return partial + (int) tile.count();
        }

        @Override
        public Integer merge(Integer total, Integer next) {
            return total + next;
        }

        @Override
        public Needs needs() {
            return new Needs(3, Double.SIZE, 1 << 16);
        }
    }

    private Task followed(Optional<Needs> announced, List<Integer> counted) throws Exception {
        SourceSpans spans = SourceSpans.of(models(new double[2][SIZES.length][]).get(2));
        return new Reduce<>(
                spans, new Trace(), announced, trace -> Optional.of(Reduce.to(spans, new Scribbling(), counted::add)));
    }

    @Test
    void whatFollowsHasTheScratchMemoryThatWasAnnounced() throws Exception {
        List<Integer> counted = new ArrayList<>();
        Task task = followed(Optional.of(new Scribbling().needs()), counted);
        Pass.run(List.of(task), Engine.on(new JavaKernels(), 1, IoMode.READ, 1 << 21));
        assertEquals(List.of(SIZES[2]), counted);
    }

    @Test
    void scratchMemoryThatWasNotAnnouncedIsRefused() throws Exception {
        Task task = followed(NEEDS_NOTHING, new ArrayList<>());
        Engine engine = Engine.on(new JavaKernels(), 1, IoMode.READ, 1 << 16);
        assertThrows(IllegalStateException.class, () -> Pass.run(List.of(task), engine));
    }
}
