package dev.stockpot.cli;

import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;

/** What the command offers. */
public final class TestCommands {
    private TestCommands() {}

    /** The names of all subcommands' options. */
    public static Set<String> options() {
        Set<String> names = new TreeSet<>();
        CommandLine all = Commands.parser(new String[] {"--help"});
        all.getSubcommands()
                .values()
                .forEach(command ->
                        names.addAll(command.getCommandSpec().optionsMap().keySet()));
        return names;
    }
}
