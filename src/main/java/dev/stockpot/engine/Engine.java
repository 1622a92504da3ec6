package dev.stockpot.engine;

import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.cuda.CudaKernels;
import dev.stockpot.kernel.cuda.CudaOptions;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.run.Backend;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * What passes run on: kernels, threads, a way to read, and who follows. Nothing here changes a bit of a result. Whoever opens
 * one closes it, and with it the kernels that were opened for it. Immutable but for that.
 */
public final class Engine implements AutoCloseable {
    /** A tile that keeps page-table work in large batches and eight sources' share of it in the second-level cache. */
    public static final int DEFAULT_TILE_BYTES = 2 << 20;

    /** Beside a GPU a thread waits more than it works: this many keep it busy. */
    private static final int LEAST_BESIDE_GPU = 4;

    private final Kernels kernels;
    /** Whether the kernels are closed with it. */
    private final boolean owner;

    private final int threads;
    private final IoMode io;
    private final int tileBytes;
    private final Optional<Executor> executor;
    private final RunListener listener;

    private Engine(
            Kernels kernels,
            boolean owner,
            int threads,
            IoMode io,
            int tileBytes,
            Optional<Executor> executor,
            RunListener listener) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads should be at least 1 but got " + threads);
        }
        if (tileBytes < 64) {
            throw new IllegalArgumentException("a tile should be at least 64 bytes but got " + tileBytes);
        }
        this.kernels = kernels;
        this.owner = owner;
        this.threads = threads;
        this.io = io;
        this.tileBytes = tileBytes;
        this.executor = executor;
        this.listener = listener;
    }

    /**
     * Opens what {@code run} asks for.
     *
     * @throws dev.stockpot.error.DeviceException where its kernels cannot be used here
     */
    public static Engine open(Run run) {
        if (run.kernels().isPresent()) {
            return of((Kernels) run.kernels().get(), false, run);
        }
        if (!NativeLibrary.isAvailable()) {
            run.listener()
                    .note("the native kernels cannot be used here, plain Java serves more slowly: "
                            + NativeLibrary.unavailableReason());
        }
        // Read once, a soup is not made faster by a GPU: auto leaves it alone.
        return on(run.backend() == Backend.CUDA ? CudaKernels.open(cuda(run)) : KernelSelection.select(run.isa()), run);
    }

    /** On kernels that are open already; the engine closes them. */
    public static Engine on(Kernels kernels, Run run) {
        return of(kernels, true, run);
    }

    private static Engine of(Kernels kernels, boolean owner, Run run) {
        int processors = Runtime.getRuntime().availableProcessors();
        int usual = kernels.memory().wantsReads() ? Math.max(processors, LEAST_BESIDE_GPU) : processors;
        int threads = run.threads().orElse(usual);
        run.listener().computing(kernels.name(), threads);
        return new Engine(kernels, owner, threads, run.io(), DEFAULT_TILE_BYTES, run.executor(), run.listener());
    }

    /** On {@code kernels}, with all processors, files mapped where that is right. */
    public static Engine on(Kernels kernels) {
        return on(kernels, Run.defaults());
    }

    /**
     * With everything named.
     *
     * @param tileBytes upper bound of a tile in bytes, at least 64
     */
    public static Engine on(Kernels kernels, int threads, IoMode io, int tileBytes) {
        return new Engine(kernels, true, threads, io, tileBytes, Optional.empty(), RunListener.silent());
    }

    /** How {@code run} wants a GPU used. */
    public static CudaOptions cuda(Run run) {
        return new CudaOptions(run.device(), run.deviceMemory().orElse(0), false);
    }

    /** The same with another follower. */
    public Engine with(RunListener other) {
        return new Engine(kernels, owner, threads, io, tileBytes, executor, other);
    }

    /** The same, reading in another way. */
    public Engine with(IoMode other) {
        return new Engine(kernels, owner, threads, other, tileBytes, executor, listener);
    }

    /** The same with nobody following. */
    public Engine silent() {
        return with(RunListener.silent());
    }

    /** The loops over elements. */
    public Kernels kernels() {
        return kernels;
    }

    /** Worker threads, at least 1. */
    public int threads() {
        return threads;
    }

    /** How a pass reads: as the run says, but into the kernels' own memory where they work best so. */
    public IoMode io() {
        return io == IoMode.AUTO && kernels.memory().wantsReads() ? IoMode.READ : io;
    }

    /** Upper bound of a tile in bytes. */
    public int tileBytes() {
        return tileBytes;
    }

    /** Who lends the worker threads, if anybody does. */
    public Optional<Executor> executor() {
        return executor;
    }

    /** Who follows. */
    public RunListener listener() {
        return listener;
    }

    /** Closes the kernels that were opened for it. No pass may be in progress or follow. */
    @Override
    public void close() {
        if (owner) {
            kernels.close();
        }
    }
}
