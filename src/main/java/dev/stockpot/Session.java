package dev.stockpot;

import dev.stockpot.engine.Engine;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.cuda.CudaKernels;
import dev.stockpot.run.Backend;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;

/**
 * Kernels that several runs share. On the CPU they cost nothing to open. A GPU is opened once, and keeps the ingredients that
 * fit into its memory from one run to the next.
 *
 * <pre>{@code
 * try (Session gpu = Session.open(Run.builder().backend(Backend.CUDA).build())) {
 *     GreedyResult found = Stockpot.greedy(paths).search(evaluator, gpu.run(), SearchListener.silent());
 *     found.soup().write(out, gpu.run());
 * }
 * }</pre>
 */
public final class Session implements AutoCloseable {
    private final Kernels kernels;
    private final Run run;

    private Session(Kernels kernels, Run run) {
        this.kernels = kernels;
        this.run = run;
    }

    /**
     * Opens the kernels that {@code run} selects; for {@link Backend#AUTO}, those of the CPU.
     *
     * @throws dev.stockpot.error.DeviceException if they cannot be used on this machine
     */
    public static Session open(Run run) {
        Kernels opened = run.backend() == Backend.CUDA
                ? CudaKernels.open(Engine.cuda(run).withResident(true))
                : Engine.open(run.toBuilder().listener(RunListener.silent()).build())
                        .kernels();
        return new Session(opened, run.toBuilder().kernels(opened).build());
    }

    /** The run given to {@link #open}, on these kernels. Valid until this is closed; {@link Run#toBuilder} derives others. */
    public Run run() {
        return run;
    }

    /** Closes the kernels. No run may be using them, or use them afterwards. */
    @Override
    public void close() {
        kernels.close();
    }
}
