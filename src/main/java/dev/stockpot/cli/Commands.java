package dev.stockpot.cli;

import dev.stockpot.cli.help.HelpPage;
import dev.stockpot.cli.options.JournalOptions;
import dev.stockpot.cli.options.OutputOptions;
import dev.stockpot.cli.options.RunFailure;
import dev.stockpot.cli.output.Hints;
import dev.stockpot.error.Reason;
import dev.stockpot.error.StockpotException;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

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
        String[] words = asUsual(arguments);
        return execute(parser(words), words);
    }

    /** Runs {@code words} by their parser. */
    static int execute(CommandLine line, String... words) {
        boolean named = words.length == 0 || words[0].startsWith("-") || StockpotCommand.COMMANDS.containsKey(words[0]);
        return named ? line.execute(words) : WrongUsage.unknownCommand(words[0], line);
    }

    /** Other ways to ask for help and the version that people know from elsewhere, as options. */
    static String[] asUsual(String[] arguments) {
        if (arguments.length == 0 || arguments.length > 2) {
            return arguments;
        }
        boolean command = StockpotCommand.COMMANDS.containsKey(arguments[0]);
        String last = arguments[arguments.length - 1];
        if (arguments[0].equals("help")) {
            return arguments.length == 1 ? new String[] {"--help"} : new String[] {last, "--help"};
        }
        boolean version = last.equals("--version") || last.equals("-V");
        boolean alone = arguments.length == 1 && (last.equals("version") || last.equals("-v"));
        return alone || (command && version && arguments.length == 2) ? new String[] {"--version"} : arguments;
    }

    /** The parser for {@code arguments}, with only the command that they name, or all commands if they name none. */
    static CommandLine parser(String... arguments) {
        CommandLine line = new CommandLine(new StockpotCommand());
        // Reading the options of every command would take a third of a short run.
        Class<?> named = arguments.length == 0 ? null : StockpotCommand.COMMANDS.get(arguments[0]);
        if (named != null) {
            line.addSubcommand(named);
        } else {
            for (Class<?> command : StockpotCommand.COMMANDS.values()) {
                line.addSubcommand(command);
            }
        }
        line.setCaseInsensitiveEnumValuesAllowed(true);
        // A file of that name in a folder of strangers' files could add any option.
        line.setExpandAtFiles(false);
        HelpPage.of(line);
        line.setExecutionExceptionHandler(new Explanation());
        line.setParameterExceptionHandler(new WrongUsage());
        return line;
    }

    private static final class Explanation implements IExecutionExceptionHandler {
        @Override
        public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
            PrintWriter err = line.getErr();
            if (failure instanceof InterruptedException || closedByInterrupt(failure) || isEnding()) {
                Optional<String> kept = journal(line)
                        .flatMap(JournalOptions::kept)
                        .or(() -> mixin(line, OutputOptions.class)
                                .filter(output -> !Files.exists(output.out(), LinkOption.NOFOLLOW_LINKS))
                                .map(output -> "nothing was written; the same command starts again"));
                err.println("interrupted"
                        + kept.map(what -> ": " + Printable.of(what)).orElse(""));
                return INTERRUPTED;
            }
            if (failure instanceof RunFailure own && own.isWrongUsage()) {
                WrongUsage.print(failure.getMessage(), err, line.getCommandSpec());
                return CommandLine.ExitCode.USAGE;
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
            Optional<JournalOptions> journal = journal(line);
            (isEvaluation(failure) ? journal.flatMap(JournalOptions::goingOn) : journal.flatMap(JournalOptions::kept))
                    .ifPresent(kept -> err.println("hint: " + Printable.of(kept)));
            if (parsed.hasSubcommand() && parsed.subcommand().matchedOptionValue("--verbose", false)) {
                StringWriter trace = new StringWriter();
                failure.printStackTrace(new PrintWriter(trace));
                trace.toString().lines().forEach(of -> err.println(Printable.of(of.replace("\t", "    "))));
            }
            return isOfCommandLine(failure) ? CommandLine.ExitCode.USAGE : FAILED;
        }

        /** Whether an evaluation has failed that the same command may repeat once its cause is mended. */
        private static boolean isEvaluation(Exception failure) {
            return failure instanceof StockpotException e
                    && switch (e.reason()) {
                        case NOT_STARTED, FAILED, TIMED_OUT, NO_SCORE -> true;
                        default -> false;
                    };
        }

        /** Where a search has kept what it found before it ended. */
        private static Optional<JournalOptions> journal(CommandLine line) {
            return mixin(line, JournalOptions.class);
        }

        /** The options of a kind, if the command has them. */
        private static <T> Optional<T> mixin(CommandLine line, Class<T> options) {
            for (CommandLine.Model.CommandSpec mixin :
                    line.getCommandSpec().mixins().values()) {
                if (options.isInstance(mixin.userObject())) {
                    return Optional.of(options.cast(mixin.userObject()));
                }
            }
            return Optional.empty();
        }

        /** Whether the command line alone shows it, though the library says so. */
        private static boolean isOfCommandLine(Exception failure) {
            return failure instanceof StockpotException e
                    && switch (e.reason()) {
                        case UNKNOWN_EVALUATOR, COMMAND_LINE -> true;
                        default -> false;
                    };
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
