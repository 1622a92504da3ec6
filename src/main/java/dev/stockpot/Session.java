package dev.stockpot;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.kernel.cuda.CudaKernels;
import dev.stockpot.run.Backend;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.search.BackendChoice;
import dev.stockpot.system.TaskPool;
import java.util.List;

/**
 * Kernels and threads that several runs share: for programs that make many small soups, or several on a GPU. A GPU is opened
 * once, and keeps the ingredients that fit into its memory from one run to the next.
 *
 * <pre>{@code
 * try (Session gpu = Session.open(Run.builder().backend(Backend.CUDA).build())) {
 *     GreedyResult found = Stockpot.greedy(paths).search(evaluator, gpu.run(), SearchListener.silent());
 *     found.soup().write(out, gpu.run());
 * }
 * }</pre>
 */
public final class Session implements AutoCloseable {
    private final Engine engine;
    private final TaskPool threads = TaskPool.lasting("stockpot-worker");
    private final Run run;

    private Session(Engine engine, Run run) {
        this.engine = engine;
        this.run = run.toBuilder()
                .kernels(engine.kernels())
                .executor(run.executor().orElse(threads::execute))
                .build();
    }

    /**
     * Opens the kernels that {@code run} selects; for {@link Backend#AUTO}, those of the CPU.
     *
     * @throws IllegalArgumentException if the run already has another session's kernels
     * @throws dev.stockpot.error.DeviceException if they cannot be used on this machine
     */
    public static Session open(Run run) {
        Run silent =
                withoutKernels(run).toBuilder().listener(RunListener.silent()).build();
        return new Session(
                run.backend() == Backend.CUDA
                        ? Engine.on(CudaKernels.open(Engine.cuda(run).withResident(true)), silent)
                        : Engine.open(silent),
                run);
    }

    /**
     * Opens the kernels for a greedy search over {@code ingredients} and for what follows it. For {@link Backend#AUTO} that is
     * a GPU if there is one, the ingredients fit into its memory, and the search gains by it.
     *
     * @throws IllegalArgumentException if the run already has another session's kernels
     * @throws dev.stockpot.error.DeviceException if a GPU was requested explicitly and cannot be used
     */
    public static Session forGreedy(Run run, List<Checkpoint> ingredients) {
        return new Session(BackendChoice.open(withoutKernels(run), BackendChoice.Work.GREEDY, ingredients), run);
    }

    /** Like {@link #forGreedy}, for a learned soup. */
    public static Session forLearned(Run run, List<Checkpoint> ingredients) {
        return new Session(BackendChoice.open(withoutKernels(run), BackendChoice.Work.LEARNED, ingredients), run);
    }

    private static Run withoutKernels(Run run) {
        if (run.kernels().isPresent()) {
            throw new IllegalArgumentException("the run already has a session's kernels");
        }
        return run;
    }

    /** The run given to {@link #open}, on these kernels and threads. Valid until this is closed; {@link Run#toBuilder} derives others. */
    public Run run() {
        return run;
    }

    /** Closes the kernels and ends the threads. No run may be using them, or use them afterwards. */
    @Override
    public void close() {
        threads.close();
        engine.close();
    }
}
