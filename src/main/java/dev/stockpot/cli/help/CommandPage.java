package dev.stockpot.cli.help;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What is told about a command, whatever the page looks like. */
public final class CommandPage {
    private static final String COMMAND_LINE = "  stockpot ";

    private final CommandSpec spec;

    public CommandPage(CommandSpec spec) {
        this.spec = spec;
    }

    /** The page of a command, and those of its visible subcommands. */
    public static List<CommandPage> all(CommandSpec root) {
        List<CommandPage> pages = new ArrayList<>(List.of(new CommandPage(root)));
        for (CommandLine command : root.subcommands().values()) {
            if (!command.getCommandSpec().usageMessage().hidden()) {
                pages.add(new CommandPage(command.getCommandSpec()));
            }
        }
        return pages;
    }

    /** The command's name, with its parent's. */
    public String name() {
        return spec.qualifiedName();
    }

    /** The command line without its optional options. */
    public String usage() {
        if (spec.parent() == null) {
            return name() + " COMMAND [OPTIONS]...";
        }
        StringBuilder usage = new StringBuilder(name()).append(" [OPTIONS]");
        for (OptionSpec option : spec.options()) {
            // One of a group is required only where the group is given.
            if (option.required() && option.group() == null) {
                usage.append(' ').append(option.shortestName()).append(' ').append(option.paramLabel());
            }
        }
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            usage.append(' ').append(label(parameter));
        }
        return usage.toString();
    }

    /** What the command does: a sentence, and paragraphs that say more. */
    List<String> description() {
        return List.of(spec.usageMessage().description());
    }

    /** The visible subcommands, with what each does in a sentence. */
    Map<String, String> commands() {
        Map<String, String> commands = new LinkedHashMap<>();
        for (CommandPage command : all(spec)) {
            if (command.spec != spec) {
                commands.put(command.spec.name(), command.description().get(0));
            }
        }
        return commands;
    }

    /** The arguments that are no options, with what each is. */
    Map<String, List<String>> parameters() {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            parameters.put(label(parameter), texts(parameter));
        }
        return parameters;
    }

    /** The options under their headings. */
    Map<OptionSection, List<OptionSpec>> options() {
        Map<OptionSection, List<OptionSpec>> sections = new EnumMap<>(OptionSection.class);
        for (OptionSpec option : spec.options()) {
            if (!option.hidden()) {
                OptionSection section = OptionSection.of(spec.name(), option.longestName());
                sections.computeIfAbsent(section, of -> new ArrayList<>()).add(option);
            }
        }
        sections.forEach((section, options) ->
                options.sort(Comparator.comparingInt(o -> section.rank(spec.name(), o.longestName()))));
        return sections;
    }

    /** An option's names, the short one first, and what stands for its value. */
    static String label(OptionSpec option) {
        List<String> names = new ArrayList<>(List.of(option.names()));
        names.sort((a, b) -> Integer.compare(a.length(), b.length()));
        String all = String.join(", ", names);
        return option.arity().max() == 0 ? all : all + " " + option.paramLabel();
    }

    /** What an argument is, in paragraphs. */
    static List<String> texts(ArgSpec argument) {
        return List.of(argument.description());
    }

    /** Command lines that can be pasted, each of one line. */
    List<String> examples() {
        List<String> examples = new ArrayList<>();
        for (String line : spec.usageMessage().footer()) {
            if (line.startsWith(COMMAND_LINE)) {
                examples.add(line.strip());
            }
        }
        return examples;
    }

    /** What is said at the end. */
    List<String> remarks() {
        List<String> remarks = new ArrayList<>(List.of(spec.usageMessage().footer()));
        remarks.removeIf(line -> line.isBlank() || line.startsWith(COMMAND_LINE));
        return remarks;
    }

    private static String label(PositionalParamSpec parameter) {
        String label = parameter.paramLabel() + (parameter.arity().max() > 1 ? "..." : "");
        return parameter.arity().min() == 0 ? "[" + label + "]" : label;
    }
}
