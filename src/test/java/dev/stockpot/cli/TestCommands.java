package dev.stockpot.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Runs the command in this process, and lists its options. */
public final class TestCommands {
    private TestCommands() {}

    /** The exit code of a run, and what it printed. */
    record Result(int exit, String out, String err) {}

    /** Runs the command as if these words had been typed. */
    static Result run(List<String> words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] typed = Commands.asUsual(words.toArray(String[]::new));
        CommandLine line = Commands.parser(typed);
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return new Result(Commands.execute(line, typed), out.toString(), err.toString());
    }

    /** Parses these words, and throws if they are wrong usage. */
    public static void parse(List<String> words) {
        String[] typed = Commands.asUsual(words.toArray(String[]::new));
        Commands.parser(typed).parseArgs(typed);
    }

    /** All commands, under their parent. */
    public static CommandSpec all() {
        return Commands.parser().getCommandSpec();
    }

    /** The names of all subcommands' options. */
    public static Set<String> options() {
        Set<String> names = new TreeSet<>();
        all().subcommands()
                .values()
                .forEach(command ->
                        names.addAll(command.getCommandSpec().optionsMap().keySet()));
        return names;
    }
}
