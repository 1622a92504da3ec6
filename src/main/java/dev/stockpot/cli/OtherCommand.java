package dev.stockpot.cli;

import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.ReportOptions;
import dev.stockpot.text.ShellWords;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Another command for the ingredients of the one that runs, to paste into a shell. */
final class OtherCommand {
    /** Options that are the running command's own. */
    private static final Set<String> OWN = Set.of("--force", "--fresh", "--cache");

    private final CommandSpec running;
    private final List<Path> ingredients;
    private final Path out;

    /** @param out the running command's output */
    OtherCommand(CommandSpec running, List<Path> ingredients, Path out) {
        this.running = running;
        this.ingredients = ingredients;
        this.out = out;
    }

    /** Makes the uniform soup, next to the running command's output. */
    String uniform() {
        return line("uniform", List.of("-o", besideOut()));
    }

    /** Says whether they make a soup, with the scores that are known from {@code journal}. */
    String diagnose(Path journal) {
        return line("diagnose", List.of("--cache", journal.toString()));
    }

    private String besideOut() {
        String name = out.getFileName().toString();
        if (Files.isDirectory(out)) {
            return out.resolveSibling(name + "-uniform") + "/";
        }
        int dot = name.endsWith(".pth.tar") ? name.length() - ".pth.tar".length() : name.lastIndexOf('.');
        return out.resolveSibling(name.substring(0, dot) + "-uniform" + name.substring(dot))
                .toString();
    }

    private String line(String name, List<String> first) {
        List<String> words = new ArrayList<>(List.of("stockpot", name));
        words.addAll(first);
        CommandSpec other = new CommandLine(StockpotCommand.COMMANDS.get(name)).getCommandSpec();
        ParseResult given = running.commandLine().getParent().getParseResult().subcommand();
        for (OptionSpec option : given.matchedOptions()) {
            if (other.findOption(option.longestName()) != null && isToRepeat(option, name, given)) {
                if (option.arity().max() == 0) {
                    words.add(option.longestName());
                }
                for (String value : option.arity().max() == 0 ? List.<String>of() : option.originalStringValues()) {
                    words.add(option.longestName());
                    // Between models of which one lacks a tensor there is no line.
                    words.add(name.equals("diagnose") && value.equals("keep") ? "skip" : value);
                }
            }
        }
        ingredients.forEach(path -> words.add(path.toString()));
        return ShellWords.join(words);
    }

    /** Whether it changes what the other command finds. */
    private static boolean isToRepeat(OptionSpec option, String command, ParseResult given) {
        Class<?> declaring = ((Field) option.userObject()).getDeclaringClass();
        boolean evaluatorOfStatistics =
                command.equals("uniform") && option.longestName().equals("--evaluator");
        return declaring != CommonOptions.class
                && declaring != ReportOptions.class
                && !OWN.contains(option.longestName())
                && !List.of(option.names()).contains("-o")
                && !(evaluatorOfStatistics && !given.hasMatchedOption("--recalibrate-batchnorm"));
    }
}
