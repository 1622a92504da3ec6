package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.RunFailure;
import dev.stockpot.cli.output.ConsoleListener;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.cuda.CudaKernels;
import dev.stockpot.kernel.cuda.CudaOptions;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.run.IoMode;
import dev.stockpot.soup.search.BackendChoice;
import dev.stockpot.tensor.TensorInfo;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every command understands. */
public final class CommonOptions implements AutoCloseable {
    /** Where the kernels run. */
    public enum Backend {
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

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "Worker threads (default: the number of processors); a few more wait for the disk where files are read directly (--io).")
    private Integer threads;

    @Option(
            names = "--backend",
            paramLabel = "auto|cpu|cuda",
            defaultValue = "auto",
            description = "Where to compute: on the CPU, or an NVIDIA GPU; auto takes the GPU for searches where that"
                    + " pays (default: ${DEFAULT-VALUE}).")
    private Backend backend;

    @Option(
            names = "--device",
            paramLabel = "N",
            defaultValue = "0",
            description = "Which GPU, by its number from 0 (default: ${DEFAULT-VALUE}).")
    private int device;

    @Option(
            names = "--device-memory",
            paramLabel = "SIZE",
            converter = Sizes.class,
            description = "Most of the GPU's memory to use, such as 8GB (default: half of what is free).")
    private Long deviceMemory;

    @Option(
            names = "--isa",
            paramLabel = "auto|scalar|avx2|avx512",
            defaultValue = "auto",
            description = "Instruction set of the kernels; every one gives the same bits (default: ${DEFAULT-VALUE};"
                    + " STOCKPOT_ISA caps auto).")
    private Isa isa;

    @Option(
            names = "--io",
            paramLabel = "auto|mmap|read|direct",
            defaultValue = "auto",
            description =
                    "How ingredients are read; auto maps local files, reads those on network file systems, and goes"
                            + " past the page cache (direct) where a run's files are larger than memory (default:"
                            + " ${DEFAULT-VALUE}).")
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

    private Kernels kernels;

    public boolean json() {
        return json;
    }

    public boolean quiet() {
        return quiet;
    }

    boolean verbose() {
        return verbose;
    }

    /** What to throw where options do not go together. */
    ParameterException wrongUsage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    public PrintWriter err() {
        return spec.commandLine().getErr();
    }

    public PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** How a GPU is used, if one is. */
    public CudaOptions cuda() {
        return new CudaOptions(device, deviceMemory == null ? 0 : deviceMemory, false);
    }

    public Backend backend() {
        return backend;
    }

    /** The kernels on the CPU, whatever the backend. */
    public Kernels onCpu() {
        try {
            return KernelSelection.select(isa.name().toLowerCase(java.util.Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new RunFailure("--isa: " + e.getMessage());
        }
    }

    /** Opens the kernels for a search over these ingredients; {@link #settings} has them from then on. */
    public void openFor(BackendChoice.Work work, List<Checkpoint> ingredients, Consumer<String> note) {
        kernels = switch (backend) {
            case CUDA -> CudaKernels.open(cuda().withResident(true));
            case CPU -> onCpu();
            case AUTO -> BackendChoice.forSearch(work, ingredients.size(), bytes(ingredients), cuda(), onCpu(), note);
        };
    }

    private static long bytes(List<Checkpoint> ingredients) {
        return ingredients.stream()
                .flatMap(ingredient -> ingredient.tensors().values().stream())
                .mapToLong(TensorInfo::bytes)
                .sum();
    }

    public EngineSettings settings() {
        if (kernels == null) {
            // A soup that reads each ingredient once is not made faster by a GPU: auto leaves it alone.
            kernels = backend == Backend.CUDA ? CudaKernels.open(cuda()) : onCpu();
        }
        return new EngineSettings(kernels, threads(), io, EngineSettings.DEFAULT_TILE_BYTES);
    }

    public int threads() {
        if (threads != null && (threads < 1 || threads > 1024)) {
            throw new ParameterException(
                    spec.commandLine(), "--threads should be between 1 and 1024 but got " + threads);
        }
        int processors = Runtime.getRuntime().availableProcessors();
        // Beside a GPU a thread waits more than it works: some more of them keep it busy.
        int usual = kernels != null && kernels.wantsReads() ? Math.max(processors, 4) : processors;
        return threads == null ? usual : threads;
    }

    /** Closes what was opened for the command. */
    @Override
    public void close() {
        if (kernels != null) {
            kernels.close();
            kernels = null;
        }
    }

    public ConsoleListener listener() {
        ConsoleListener listener =
                new ConsoleListener(spec.commandLine().getErr(), quiet ? ConsoleListener.Style.NONE : progress, !quiet);
        if (!NativeLibrary.isAvailable()) {
            listener.note("the native kernels cannot be used here, plain Java serves more slowly: "
                    + NativeLibrary.unavailableReason());
        }
        return listener;
    }
}
