package dev.stockpot.cli;

import dev.stockpot.error.StockpotException;
import dev.stockpot.kernel.NativeLibrary;
import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command's entry. Exits with 0 for done, 1 for a run that failed, 2 for wrong usage, 130 on Ctrl-C. */
public final class Main {
    private static final int INTERRUPTED = 130;

    private Main() {}

    /** Runs one command and exits. */
    public static void main(String[] arguments) {
        AtomicBoolean done = new AtomicBoolean();
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            // On Ctrl-C or a termination signal: cancel, and wait until the temporary files are gone.
            if (!done.get()) {
                main.interrupt();
                join(main);
            }
        }));
        loadAhead(arguments);
        int exit;
        try {
            exit = commandLine(arguments).execute(arguments);
        } catch (OutOfMemoryError e) {
            System.err.println("error: the Java heap is too small: give the JVM more, such as -Xmx1g");
            exit = CommandLine.ExitCode.SOFTWARE;
        }
        done.set(true);
        if (exit == INTERRUPTED) {
            // A signal is ending the JVM already; it decides the exit code.
            return;
        }
        System.out.flush();
        System.exit(exit);
    }

    /** Loads the native library, a fifth of a short run, while this thread reads options and headers. */
    private static void loadAhead(String[] arguments) {
        if (arguments.length > 2 && StockpotCommand.COMMANDS.containsKey(arguments[0])) {
            Thread loader = new Thread(NativeLibrary::isAvailable, "stockpot-load");
            loader.setDaemon(true);
            loader.start();
        }
    }

    private static void join(Thread main) {
        try {
            main.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The parser for {@code arguments}: it knows the command they name alone, or all where they name none. */
    static CommandLine commandLine(String... arguments) {
        CommandLine line = new CommandLine(new StockpotCommand());
        // Reading the options of every command would take a third of a short run.
        Class<?> named = arguments.length == 0 ? null : StockpotCommand.COMMANDS.get(arguments[0]);
        if (named != null && named != GenerateCompletion.class) {
            line.addSubcommand(named);
        } else {
            StockpotCommand.COMMANDS.values().forEach(line::addSubcommand);
        }
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpAutoWidth(true);
        line.setExecutionExceptionHandler(Main::explain);
        line.setExecutionStrategy(Main::run);
        return line;
    }

    /** Runs the command, and closes what its options opened. */
    private static int run(ParseResult parsed) {
        try {
            return new CommandLine.RunLast().execute(parsed);
        } finally {
            parsed.asCommandLineList().stream()
                    .flatMap(command -> command.getCommandSpec().mixins().values().stream())
                    .map(CommandSpec::userObject)
                    .forEach(mixin -> {
                        if (mixin instanceof CommonOptions common) {
                            common.close();
                        }
                    });
        }
    }

    private static int explain(Exception failure, CommandLine line, ParseResult parsed) {
        if (failure instanceof InterruptedException) {
            return INTERRUPTED;
        }
        PrintWriter err = line.getErr();
        boolean known = failure instanceof StockpotException || failure instanceof RunFailure;
        String[] lines = (known ? failure.getMessage() : "unexpected: " + failure).split("\\R");
        err.println("error: " + printable(lines[0]));
        // What an evaluator printed, below the one line that says what is wrong.
        Stream.of(lines).skip(1).forEach(more -> err.println(printable(more)));
        if (failure instanceof StockpotException e) {
            e.hint().ifPresent(hint -> err.println("hint: " + hint));
        }
        if (parsed.hasSubcommand() && parsed.subcommand().matchedOptionValue("--verbose", false)) {
            failure.printStackTrace(err);
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** One line, whatever a file's or a tensor's name holds. */
    static String printable(String text) {
        return text == null ? "" : text.replaceAll("\\p{Cntrl}", "?");
    }
}
