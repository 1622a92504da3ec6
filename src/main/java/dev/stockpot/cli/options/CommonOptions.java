package dev.stockpot.cli.options;

import dev.stockpot.cli.output.ConsoleListener;
import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.run.Backend;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import java.io.PrintWriter;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The options of every command. */
public final class CommonOptions {
    /** The instruction sets that can be chosen; plain Java is left out, as it is for machines with none of them. */
    enum Isa {
        AUTO,
        NATIVE,
        SCALAR,
        AVX2,
        AVX512
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--threads",
            paramLabel = "N",
            converter = Threads.class,
            description =
                    "Worker threads (default: the number of processors). Direct I/O uses a few extra reader threads.")
    private Integer threads;

    @Option(
            names = "--backend",
            paramLabel = "auto|cpu|cuda",
            defaultValue = "auto",
            description = "Where to compute: on the CPU or on an NVIDIA GPU; auto uses the GPU for searches that are"
                    + " faster there (default: ${DEFAULT-VALUE}).")
    private Backend backend;

    @Option(
            names = "--device",
            paramLabel = "N",
            converter = Device.class,
            defaultValue = "0",
            description = "Number of the GPU, from 0 (default: ${DEFAULT-VALUE}).")
    private int device;

    @Option(
            names = "--device-memory",
            paramLabel = "SIZE",
            converter = Sizes.class,
            description = "Most GPU memory to use, such as 8GB (default: half of what is free).")
    private Long deviceMemory;

    @Option(
            names = "--isa",
            paramLabel = "auto|native|scalar|avx2|avx512",
            defaultValue = "auto",
            description =
                    "Instruction set of the kernels; the results are the same bits with each. native is like auto,"
                            + " but fails if the native library does not load (default: ${DEFAULT-VALUE}; STOCKPOT_ISA caps"
                            + " both).")
    private Isa isa;

    @Option(
            names = "--io",
            paramLabel = "auto|mmap|read|direct",
            defaultValue = "auto",
            description = "How to read ingredients: auto maps local files, reads those on network file systems, and"
                    + " bypasses the page cache (direct) if a run's files do not fit in memory (default:"
                    + " ${DEFAULT-VALUE}).")
    private IoMode io;

    @Option(
            names = "--progress",
            paramLabel = "auto|bar|plain|none",
            defaultValue = "auto",
            description =
                    "How to show progress on stderr: auto shows a bar on a terminal and plain lines elsewhere, one"
                            + " every 5 seconds (default: ${DEFAULT-VALUE}).")
    private ConsoleListener.Style progress;

    @Option(names = "--json", description = "Print the result as one JSON document.")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print only the result and errors: no progress, no notes.")
    private boolean quiet;

    @Option(names = "--verbose", description = "Show what evaluators write to stderr, and the stack trace of an error.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    /** Whether the result is printed as JSON. */
    public boolean json() {
        return json;
    }

    /** Whether only errors are printed. */
    public boolean quiet() {
        return quiet;
    }

    boolean verbose() {
        return verbose;
    }

    /** The exception for options that do not go together. */
    ParameterException wrongUsage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Where errors, notes and progress go. */
    public PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Where results go. */
    public PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** A run with these options that reports to {@code listener}. */
    public Run.Builder run(RunListener listener) {
        Run.Builder run = Run.builder()
                .device(device)
                .backend(backend)
                .isa(dev.stockpot.run.Isa.valueOf(isa.name()))
                .io(io)
                .listener(listener);
        if (threads != null) {
            run.threads(threads());
        }
        if (deviceMemory != null) {
            run.deviceMemory(deviceMemory);
        }
        return run;
    }

    /** The same without a listener. */
    public Run silentRun() {
        return run(RunListener.silent()).build();
    }

    /** Worker threads. */
    public int threads() {
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }

    /** Progress and notes on stderr. */
    public ConsoleListener listener() {
        return new ConsoleListener(err(), quiet ? ConsoleListener.Style.NONE : progress, !quiet);
    }

    /** The same, and a line for each evaluation of a search over that many ingredients. */
    public SearchConsole console(int ingredients) {
        return new SearchConsole(listener(), err(), quiet, ingredients);
    }

    /** Parses a number of threads. */
    static final class Threads implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (!text.matches("0*[1-9]\\d{0,3}") || Integer.parseInt(text) > 1024) {
                throw new TypeConversionException("should be between 1 and 1024 but got '" + text + "'");
            }
            return Integer.valueOf(text);
        }
    }

    /** Parses the number of a GPU. */
    static final class Device implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (!text.matches("\\d{1,9}")) {
                throw new TypeConversionException("should be at least 0 but got '" + text + "'");
            }
            return Integer.valueOf(text);
        }
    }
}
