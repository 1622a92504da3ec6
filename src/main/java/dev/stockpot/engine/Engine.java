package dev.stockpot.engine;

import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.cuda.CudaKernels;
import dev.stockpot.kernel.cuda.CudaOptions;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.run.Backend;
import dev.stockpot.run.Concern;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.OpenKernels;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * What passes run on: kernels, threads, a way to read, and a listener. Nothing here changes a bit of a result. The caller
 * that opens an engine closes it, and with it the kernels that were opened for it. Otherwise immutable.
 */
public final class Engine implements AutoCloseable {
    /** Batches page-table work, and keeps eight sources' share of a tile in the second-level cache. */
    public static final int DEFAULT_TILE_BYTES = 2 << 20;

    /** With a GPU, a thread waits more than it works: at least this many keep the GPU busy. */
    private static final int LEAST_BESIDE_GPU = 4;

    private final Kernels kernels;
    /** Whether closing the engine closes the kernels. */
    private final boolean owner;

    private final int threads;
    private final int tileBytes;
    private final Run run;

    private Engine(Kernels kernels, boolean owner, int threads, int tileBytes, Run run) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads should be at least 1 but got " + threads);
        }
        if (tileBytes < 64) {
            throw new IllegalArgumentException("a tile should be at least 64 bytes but got " + tileBytes);
        }
        this.kernels = kernels;
        this.owner = owner;
        this.threads = threads;
        this.tileBytes = tileBytes;
        this.run = run;
    }

    /**
     * Opens what {@code run} asks for.
     *
     * @throws dev.stockpot.error.DeviceException if its kernels cannot be used here
     */
    public static Engine open(Run run) {
        if (run.kernels().isPresent()) {
            return of(kernels(run.kernels().get()), false, run);
        }
        // A GPU does not speed up a soup whose ingredients are read once, so auto does not use it.
        if (run.backend() == Backend.CUDA) {
            return on(CudaKernels.open(cuda(run)).telling(run.listener()::note), run);
        }
        return on(cpu(run), run);
    }

    private static Kernels kernels(OpenKernels opened) {
        if (opened instanceof Kernels kernels) {
            return kernels;
        }
        throw new IllegalArgumentException("a run's kernels should come from a session but got " + opened);
    }

    /** The kernels of the CPU that {@code run} asks for; its listener gets a note if the native ones cannot be used. */
    public static Kernels cpu(Run run) {
        Kernels kernels = KernelSelection.select(run.isa());
        if (!NativeLibrary.isAvailable()) {
            run.listener()
                    .note("the native kernels cannot be used here; plain Java is used, which is slower: "
                            + NativeLibrary.unavailableReason());
        }
        return kernels;
    }

    /** An engine on kernels that are already open; it closes them. */
    public static Engine on(Kernels kernels, Run run) {
        return of(kernels, true, run);
    }

    private static Engine of(Kernels kernels, boolean owner, Run run) {
        int processors = Runtime.getRuntime().availableProcessors();
        int usual = kernels.memory().wantsReads() ? Math.max(processors, LEAST_BESIDE_GPU) : processors;
        int threads = run.threads().orElse(usual);
        run.listener().computing(kernels.name(), threads);
        return new Engine(kernels, owner, threads, DEFAULT_TILE_BYTES, run);
    }

    /** An engine on {@code kernels} with the default settings: all processors, and files mapped if that suits them. */
    public static Engine on(Kernels kernels) {
        return on(kernels, Run.defaults());
    }

    /**
     * An engine with every setting given.
     *
     * @param tileBytes upper bound of a tile in bytes, at least 64
     */
    public static Engine on(Kernels kernels, int threads, IoMode io, int tileBytes) {
        return new Engine(
                kernels, true, threads, tileBytes, Run.builder().io(io).build());
    }

    /** The GPU options of {@code run}. */
    public static CudaOptions cuda(Run run) {
        return new CudaOptions(run.device(), run.deviceMemory().orElse(0), false);
    }

    /** The same with another listener. */
    public Engine with(RunListener other) {
        return with(run.toBuilder().listener(other).build());
    }

    /** The same, reading in another way. */
    public Engine with(IoMode other) {
        return with(run.toBuilder().io(other).build());
    }

    /** The same, going on, with a warning, at what raises {@code concern}. */
    public Engine allowing(Concern concern) {
        Set<Concern> allowed = EnumSet.of(concern);
        allowed.addAll(run.allowed());
        return with(run.toBuilder().allow(allowed).build());
    }

    private Engine with(Run other) {
        return new Engine(kernels, owner, threads, tileBytes, other);
    }

    /** The same with a silent listener. */
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

    /** How a pass reads: as the run says, except that AUTO reads into the kernels' own memory if they work best on it. */
    public IoMode io() {
        return run.io() == IoMode.AUTO && kernels.memory().wantsReads() ? IoMode.READ : run.io();
    }

    /** Upper bound of a tile in bytes. */
    public int tileBytes() {
        return tileBytes;
    }

    /** The executor that lends the worker threads, if there is one. */
    public Optional<Executor> executor() {
        return run.executor();
    }

    /** The run that it serves, which says what stops it. */
    public Run run() {
        return run;
    }

    /** Receives the progress and the notes of passes. */
    public RunListener listener() {
        return run.listener();
    }

    /** Closes the kernels that were opened for it. No pass may be running or start afterwards. */
    @Override
    public void close() {
        if (owner) {
            kernels.close();
        }
    }
}
