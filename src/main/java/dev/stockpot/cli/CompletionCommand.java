package dev.stockpot.cli;

import dev.stockpot.cli.options.DTypeName;
import dev.stockpot.merge.method.MergeMethods;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code stockpot generate-completion}. */
@Command(
        name = "generate-completion",
        description = "Print the script for completion in bash and zsh.",
        footer = {
            "  stockpot generate-completion > ~/.local/share/bash-completion/completions/stockpot",
            "For this shell alone: source <(stockpot generate-completion)"
        })
final class CompletionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    @Override
    public Integer call() {
        CommandSpec copy = CommandSpec.create().name("stockpot");
        CommandSpec all = Commands.parser().getCommandSpec();
        all.options().forEach(option -> copy.addOption(of(option)));
        all.subcommands().forEach((name, command) -> {
            if (!command.getCommandSpec().usageMessage().hidden()) {
                copy.addSubcommand(name, of(command.getCommandSpec()));
            }
        });
        spec.commandLine().getOut().print(AutoComplete.bash("stockpot", new CommandLine(copy)));
        spec.commandLine().getOut().flush();
        return 0;
    }

    /** A command with the words that its options take. */
    private static CommandSpec of(CommandSpec command) {
        CommandSpec copy = CommandSpec.create();
        command.options().forEach(option -> copy.addOption(of(option)));
        for (PositionalParamSpec parameter : command.positionalParameters()) {
            copy.addPositional(PositionalParamSpec.builder(parameter).build());
        }
        return copy;
    }

    private static OptionSpec of(OptionSpec option) {
        List<String> words = words(option);
        OptionSpec.Builder copy = OptionSpec.builder(option);
        return (words.isEmpty() ? copy : copy.completionCandidates(words)).build();
    }

    /** The words that an option takes as its value; none if its type says it all. */
    private static List<String> words(OptionSpec option) {
        return switch (option.longestName()) {
            case "--dtype", "--dtypes" -> DTypeName.NAMES;
            case "--method", "--methods" -> MergeMethods.names();
            case "--method-help" -> {
                List<String> names = new ArrayList<>(MergeMethods.names());
                names.add("list");
                yield names;
            }
            case "--weights-from" -> List.of("linear", "cosine", "minus-sqrt");
            default ->
                Stream.of(option.paramLabel().split("\\|"))
                        .filter(word -> word.matches("[a-z][a-z0-9-]*"))
                        .toList();
        };
    }
}
