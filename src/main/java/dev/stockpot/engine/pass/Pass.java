package dev.stockpot.engine.pass;

import dev.stockpot.engine.Engine;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Reduce;
import dev.stockpot.engine.SourceSpans;
import dev.stockpot.engine.Stretch;
import dev.stockpot.engine.Task;
import dev.stockpot.engine.read.BufferPlan;
import dev.stockpot.engine.read.Inputs;
import dev.stockpot.engine.read.ReadAhead;
import dev.stockpot.kernel.Dot;
import dev.stockpot.memory.SourceFaultException;
import dev.stockpot.system.AvailableMemory;
import dev.stockpot.system.Workers;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.util.List;

/**
 * One pass over the ingredients, the only kind there is: threads take pieces in order, bring each source's elements into
 * memory, make outputs or reduce tensors to numbers, and do at once what follows from those. No tensor is ever whole in memory.
 */
public final class Pass {
    private static final long SMALLEST_TILE = 64;
    /** Bytes of the widest type. */
    private static final long WIDEST = 8;
    /** The least that a tile of a reduction must hold: a block of the widest type. */
    private static final long SMALLEST_REDUCED = Dot.BLOCK * 8L;

    private final Engine engine;
    private final OutputSink sink;
    private final List<? extends Task> tasks;
    private final Workers workers;
    private final Object telling = new Object();
    private long done;

    private Pass(Engine engine, List<? extends Task> tasks, OutputSink sink) {
        this.engine = engine;
        this.tasks = tasks;
        this.sink = sink;
        this.workers = new Workers(engine.executor());
    }

    /**
     * Does all of {@code tasks}; outputs go to {@code sink}.
     *
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read, or changed meanwhile
     * @throws IOException if the sink fails
     * @throws InterruptedException if the calling thread was interrupted; no thread is left running
     */
    public static void run(List<? extends Task> tasks, OutputSink sink, Engine engine)
            throws IOException, InterruptedException {
        run(tasks, sink, engine, isCacheable(tasks));
    }

    /**
     * The same, whose caller has asked already whether its files are {@link #isCacheable cacheable}: memory may be another
     * later, and what is written must go the way of what is read.
     */
    public static void run(List<? extends Task> tasks, OutputSink sink, Engine engine, boolean cacheable)
            throws IOException, InterruptedException {
        new Pass(engine, tasks, sink).run(cacheable);
    }

    /**
     * Does all of {@code tasks}, which make outputs in a program's memory.
     *
     * @param targets one for each output
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read, or changed meanwhile
     * @throws InterruptedException if the calling thread was interrupted; no thread is left running
     */
    public static void run(List<? extends Task> tasks, List<TensorMemory> targets, Engine engine)
            throws InterruptedException {
        try {
            run(tasks, new MemorySink(targets), engine);
        } catch (IOException e) {
            throw new AssertionError("writing to memory cannot fail", e);
        }
    }

    /** The same for tasks without outputs. */
    public static void run(List<? extends Task> tasks, Engine engine) throws InterruptedException {
        run(tasks, List.of(), engine);
    }

    private void run(boolean cacheable) throws IOException, InterruptedException {
        Total total = total();
        engine.listener().started(total.bytes());
        Iterable<SourceSpans> spans = () -> tasks.stream().map(Task::sources).iterator();
        try (Inputs inputs = Inputs.open(spans, engine.io(), cacheable)) {
            BufferPlan plan = plan(total, inputs);
            PieceQueue queue = new PieceQueue(tasks, plan.tileBytes());
            try (ReadAhead readers = ReadAhead.of(inputs)) {
                workers.run(plan.threads(), () -> work(queue, inputs, plan, readers));
            } catch (SourceFaultException e) {
                throw inputs.explain(e);
            }
            inputs.checkUnchanged();
        }
    }

    /**
     * Whether everything that {@code tasks} read and write fits into the page cache. If anything may follow a reduction, the files
     * count as cached whatever their size: the page cache makes the second read, which comes at once, cheap.
     */
    public static boolean isCacheable(List<? extends Task> tasks) {
        long bytes = 0;
        for (Task task : tasks) {
            if (task instanceof Reduce<?> reduce && reduce.follows().isPresent()) {
                return true;
            }
            bytes += task.sources().bytes();
            if (task instanceof Stretch stretch) {
                bytes += stretch.dtype().bytes(stretch.elements());
            }
        }
        return AvailableMemory.holds(bytes);
    }

    /**
     * What the tasks take.
     *
     * @param bytes that they read, all together
     * @param sources the most that one has
     * @param reduces whether any reduces
     * @param needs enough for each
     */
    private record Total(long bytes, int sources, boolean reduces, Needs needs) {}

    private Total total() {
        long bytes = 0;
        int sources = 0;
        boolean reduces = false;
        Needs needs = Needs.NOTHING;
        for (Task task : tasks) {
            bytes += task.sources().bytes();
            sources = Math.max(sources, task.sources().spans().size());
            reduces |= task instanceof Reduce<?>;
            needs = needs.or(task.needs());
        }
        return new Total(bytes, sources, reduces, needs);
    }

    private BufferPlan plan(Total total, Inputs inputs) {
        Needs needs = total.needs();
        long rows = needs.whole() == 1 ? 0 : Math.multiplyExact(needs.whole(), WIDEST);
        long least = Math.max(rows, total.reduces() ? SMALLEST_REDUCED : SMALLEST_TILE);
        return BufferPlan.of(engine, inputs, total.sources(), least, needs);
    }

    private void work(PieceQueue queue, Inputs inputs, BufferPlan plan, ReadAhead readers)
            throws IOException, InterruptedException {
        boolean finished = false;
        try (PieceWorker worker = new PieceWorker(engine.kernels(), inputs, plan, readers, sink, workers::stopped)) {
            Piece ahead = queue.ahead();
            while (!workers.stopped()) {
                Piece piece = queue.following(ahead);
                if (piece == null && ahead != null) {
                    piece = ahead;
                    ahead = queue.ahead();
                    if (ahead != null) {
                        worker.prepare(ahead);
                    }
                }
                piece = piece == null ? queue.await() : piece;
                if (piece == null) {
                    finished = true;
                    return;
                }
                work(worker, piece, queue);
            }
        } finally {
            // A thread ends when nothing is left, or when all must end: others may be waiting for what follows its
            // pieces.
            queue.close();
            if (!finished) {
                sink.stop();
            }
        }
    }

    private void work(PieceWorker worker, Piece piece, PieceQueue queue) throws IOException {
        if (piece instanceof Piece.Tile tile) {
            worker.make(tile);
            tell(tile);
        } else if (piece instanceof Piece.Chunk chunk) {
            boolean last = worker.reduce(chunk);
            tell(chunk);
            if (last) {
                synchronized (this) {
                    queue.decided(chunk.tensor().decide(), chunk.task());
                }
            }
        }
    }

    /** Reports progress, one call at a time, under a lock that the listener cannot take. */
    private void tell(Piece piece) {
        if (!piece.follows()) {
            synchronized (telling) {
                done += piece.sourceBytes();
                engine.listener().progress(done);
            }
        }
    }
}
