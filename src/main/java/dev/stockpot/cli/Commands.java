package dev.stockpot.cli;

import dev.stockpot.cli.options.JournalOptions;
import dev.stockpot.cli.options.RunFailure;
import dev.stockpot.cli.output.Hints;
import dev.stockpot.error.Reason;
import dev.stockpot.error.StockpotException;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.ClosedByInterruptException;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Parses and runs the command line, and reports failures.
 *
 * <p>A run that succeeds links no lambda: with one, the class-data archive would lose picocli's largest classes, see
 * {@code tools/class-data-archive}.
 */
final class Commands {
    static final int FAILED = CommandLine.ExitCode.SOFTWARE;
    static final int INTERRUPTED = 130;
    /** Characters of a message: it may quote what a file or an evaluator says, however long that is. */
    private static final int LONGEST_MESSAGE = 20_000;

    private Commands() {}

    /** Runs one command; returns its exit code. */
    static int execute(String... arguments) {
        return parser(arguments).execute(arguments);
    }

    /** The parser for {@code arguments}, with only the command that they name, or all commands if they name none. */
    static CommandLine parser(String... arguments) {
        CommandLine line = new CommandLine(new StockpotCommand());
        // Reading the options of every command would take a third of a short run.
        Class<?> named = arguments.length == 0 ? null : StockpotCommand.COMMANDS.get(arguments[0]);
        if (named != null && named != GenerateCompletion.class) {
            line.addSubcommand(named);
        } else {
            for (Class<?> command : StockpotCommand.COMMANDS.values()) {
                line.addSubcommand(command);
            }
        }
        line.setCaseInsensitiveEnumValuesAllowed(true);
        // A file of that name in a folder of strangers' files could add any option.
        line.setExpandAtFiles(false);
        line.setUsageHelpAutoWidth(true);
        line.setExecutionExceptionHandler(new Explanation());
        line.setParameterExceptionHandler(new WrongUsage());
        return line;
    }

    /** As picocli's own, but for names of files that are taken for options. */
    private static final class WrongUsage implements IParameterExceptionHandler {
        @Override
        public int handleParseException(ParameterException failure, String[] arguments) {
            CommandLine line = failure.getCommandLine();
            String message = Printable.of(Figures.shortened(String.valueOf(failure.getMessage()), LONGEST_MESSAGE));
            line.getErr().println(line.getColorScheme().errorText(message));
            if (!UnmatchedArgumentException.printSuggestions(failure, line.getErr())) {
                line.usage(line.getErr(), line.getColorScheme());
            }
            return line.getCommandSpec().exitCodeOnInvalidInput();
        }
    }

    private static final class Explanation implements IExecutionExceptionHandler {
        @Override
        public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
            PrintWriter err = line.getErr();
            if (failure instanceof InterruptedException || closedByInterrupt(failure) || isEnding()) {
                kept(line).ifPresent(kept -> err.println("interrupted: " + Printable.of(kept)));
                return INTERRUPTED;
            }
            boolean known = failure instanceof StockpotException || failure instanceof RunFailure;
            String message = known ? failure.getMessage() : "unexpected: " + failure;
            String[] lines = Figures.shortened(message, LONGEST_MESSAGE).split("\\R");
            err.println("error: " + option(failure) + Printable.of(lines[0]));
            // What an evaluator printed, below the one line that says what is wrong.
            Stream.of(lines).skip(1).forEach(more -> err.println(Printable.of(more)));
            if (failure instanceof StockpotException e) {
                Hints.of(e)
                        .ifPresent(
                                hint -> err.println("hint: " + Printable.of(Figures.shortened(hint, LONGEST_MESSAGE))));
            }
            kept(line).ifPresent(kept -> err.println("hint: " + Printable.of(kept)));
            if (parsed.hasSubcommand() && parsed.subcommand().matchedOptionValue("--verbose", false)) {
                StringWriter trace = new StringWriter();
                failure.printStackTrace(new PrintWriter(trace));
                trace.toString().lines().forEach(of -> err.println(Printable.of(of.replace("\t", "    "))));
            }
            return failure instanceof RunFailure own && own.isWrongUsage() ? CommandLine.ExitCode.USAGE : FAILED;
        }

        /** What a search has found before it ended. */
        private static Optional<String> kept(CommandLine line) {
            for (CommandLine.Model.CommandSpec mixin :
                    line.getCommandSpec().mixins().values()) {
                if (mixin.userObject() instanceof JournalOptions journal) {
                    return journal.kept();
                }
            }
            return Optional.empty();
        }

        /** Whether a signal is ending the JVM: its hooks delete temporary files, and what misses them is no failure. */
        private static boolean isEnding() {
            Thread hook = new Thread();
            try {
                Runtime.getRuntime().addShutdownHook(hook);
                Runtime.getRuntime().removeShutdownHook(hook);
                return false;
            } catch (IllegalStateException e) {
                return true;
            }
        }

        /** Whether a channel was closed because its thread was interrupted, and something took that for a failure. */
        private static boolean closedByInterrupt(Throwable failure) {
            return failure != null
                    && (failure instanceof ClosedByInterruptException || closedByInterrupt(failure.getCause()));
        }

        /** The option that a failure is about, if its message cannot name it. */
        private static String option(Exception failure) {
            boolean isa = failure instanceof StockpotException e && e.reason() == Reason.INSTRUCTION_SET;
            return isa ? "--isa: " : "";
        }
    }
}
