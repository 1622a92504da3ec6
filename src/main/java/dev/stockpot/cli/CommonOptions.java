package dev.stockpot.cli;

import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.IoMode;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.NativeLibrary;
import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every command understands. */
final class CommonOptions {
    /** Where the kernels run. */
    enum Backend {
        AUTO,
        CPU,
        CUDA
    }

    /** The instruction sets that can be asked for. */
    enum Isa {
        AUTO,
        SCALAR,
        AVX2,
        AVX512
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--threads", paramLabel = "N", description = "Worker threads (default: the number of processors).")
    private Integer threads;

    @Option(
            names = "--backend",
            paramLabel = "auto|cpu|cuda",
            defaultValue = "auto",
            description = "Where to compute (default: ${DEFAULT-VALUE}).")
    private Backend backend;

    @Option(
            names = "--isa",
            paramLabel = "auto|scalar|avx2|avx512",
            defaultValue = "auto",
            description = "Instruction set of the kernels; every one gives the same bits (default: ${DEFAULT-VALUE};"
                    + " STOCKPOT_ISA caps auto).")
    private Isa isa;

    @Option(
            names = "--io",
            paramLabel = "auto|mmap|read",
            defaultValue = "auto",
            description = "How ingredients are read; auto maps local files and reads those on network file systems"
                    + " (default: ${DEFAULT-VALUE}).")
    private IoMode io;

    @Option(
            names = "--progress",
            paramLabel = "auto|bar|plain|none",
            defaultValue = "auto",
            description = "How progress is shown on stderr (default: ${DEFAULT-VALUE}).")
    private ConsoleListener.Style progress;

    @Option(names = "--json", description = "Print the result as one JSON document.")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress and no notes; errors only.")
    private boolean quiet;

    @Option(names = "--verbose", description = "Show the stack trace of an error.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    boolean json() {
        return json;
    }

    boolean quiet() {
        return quiet;
    }

    boolean verbose() {
        return verbose;
    }

    /** What to throw where options do not go together. */
    ParameterException wrongUsage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    Kernels kernels() {
        if (backend == Backend.CUDA) {
            throw new RunFailure("--backend cuda: this build has no CUDA kernels; use --backend cpu");
        }
        try {
            return KernelSelection.select(isa.name().toLowerCase(java.util.Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new RunFailure("--isa: " + e.getMessage());
        }
    }

    EngineSettings settings() {
        if (threads != null && (threads < 1 || threads > 1024)) {
            throw new ParameterException(
                    spec.commandLine(), "--threads should be between 1 and 1024 but got " + threads);
        }
        int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        return new EngineSettings(kernels(), count, io, EngineSettings.DEFAULT_TILE_BYTES);
    }

    ConsoleListener listener() {
        ConsoleListener listener =
                new ConsoleListener(spec.commandLine().getErr(), quiet ? ConsoleListener.Style.NONE : progress, !quiet);
        if (!NativeLibrary.isAvailable()) {
            listener.note("the native kernels cannot be used here, plain Java serves more slowly: "
                    + NativeLibrary.unavailableReason());
        }
        return listener;
    }
}
