package dev.stockpot.cli;

import dev.stockpot.cli.help.CommandPage;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Nearest;
import dev.stockpot.text.Printable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with a command line: the reason, the word that was probably meant, and one line of usage. */
final class WrongUsage implements IParameterExceptionHandler {
    /** Characters: it may quote whatever was typed. */
    private static final int LONGEST_MESSAGE = 20_000;

    /** Words that people have for a value, and that are spelt nearer to another one. */
    private static final Map<String, String> SYNONYMS = Map.of("gpu", "cuda");

    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine line = failure.getCommandLine();
        print(reason(failure), line.getErr(), line.getCommandSpec());
        return CommandLine.ExitCode.USAGE;
    }

    /** Prints a reason and how the command is used. */
    static void print(String reason, PrintWriter err, CommandSpec spec) {
        err.println("error: " + Printable.of(Figures.shortened(reason, LONGEST_MESSAGE)));
        err.println(usage(spec));
        err.flush();
    }

    /** A first word that is no command. */
    static int unknownCommand(String word, CommandLine line) {
        String meant = Nearest.to(word, StockpotCommand.COMMANDS.keySet())
                .map(WrongUsage::suggestion)
                .orElse("");
        print("unknown command '" + word + "'" + meant, line.getErr(), line.getCommandSpec());
        return CommandLine.ExitCode.USAGE;
    }

    private static String reason(ParameterException failure) {
        if (failure instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String word = unmatched.getUnmatched().get(0);
            return unmatched.isUnknownOption() ? unknownOption(word, unmatched) : "unexpected argument '" + word + "'";
        }
        if (failure instanceof MissingParameterException missing
                && !missing.getMissing().isEmpty()) {
            return missing(missing.getMissing());
        }
        ArgSpec argument = failure.getArgSpec();
        Class<?> type = argument == null ? Object.class : argument.auxiliaryTypes()[0];
        if (type.isEnum() && argument.converters().length == 0 && failure.getValue() != null) {
            return notOneOf(argument, type, failure.getValue());
        }
        String message = String.valueOf(failure.getMessage());
        return message.replaceFirst("^Invalid value for option '([^']+)'[^:]*: (cannot convert )?", "$1: ")
                .replaceFirst("is not an? (int|long)$", "is not a whole number")
                .replaceFirst("is not a (double|float)$", "is not a number")
                .replaceFirst(
                        "^Value for option option '([^']+)' \\((.+)\\) should be in KEY=VALUE format but was (.*)$",
                        "$1: should be $2 but got '$3'");
    }

    /** What is required and was not given. */
    private static String missing(List<ArgSpec> missing) {
        List<String> names = new ArrayList<>();
        for (ArgSpec argument : missing) {
            if (!argument.required()) {
                // One of a group that lacks another of its options.
                continue;
            }
            if (argument instanceof OptionSpec option) {
                names.add(option.longestName() + " " + option.paramLabel());
            } else if (argument.arity().min() > 1) {
                return "at least " + argument.arity().min() + " " + argument.paramLabel() + "s are needed";
            } else {
                names.add(argument.paramLabel());
            }
        }
        return String.join(" and ", names) + (names.size() == 1 ? " is missing" : " are missing");
    }

    private static String unknownOption(String word, UnmatchedArgumentException failure) {
        int end = word.indexOf('=');
        String option = end < 0 ? word : word.substring(0, end);
        if (option.equals("--resume")) {
            return "unknown option '--resume'; a search resumes by itself: run the same command without it";
        }
        Optional<String> meant = Nearest.to(
                option, failure.getCommandLine().getCommandSpec().optionsMap().keySet());
        return "unknown option '" + option + "'"
                + meant.map(WrongUsage::suggestion).orElse("");
    }

    private static String notOneOf(ArgSpec argument, Class<?> type, String value) {
        List<String> words = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            words.add(constant.toString().toLowerCase(Locale.ROOT));
        }
        String name = argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
        String last = words.get(words.size() - 1);
        return name + ": '" + value + "' is not one of " + String.join(", ", words.subList(0, words.size() - 1))
                + " and " + last
                + Optional.ofNullable(SYNONYMS.get(value.toLowerCase(Locale.ROOT)))
                        .filter(words::contains)
                        .or(() -> Nearest.to(value, words))
                        .map(WrongUsage::suggestion)
                        .orElse("");
    }

    private static String suggestion(String word) {
        return "; did you mean '" + word + "'?";
    }

    /** What must be given, and where the rest is told. */
    private static String usage(CommandSpec spec) {
        String rest = spec.parent() == null ? "lists the commands" : "tells the rest";
        return "usage: " + new CommandPage(spec).usage() + "; " + spec.qualifiedName() + " --help " + rest;
    }
}
