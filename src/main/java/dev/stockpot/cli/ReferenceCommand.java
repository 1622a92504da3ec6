package dev.stockpot.cli;

import dev.stockpot.cli.help.CommandPage;
import dev.stockpot.cli.help.HelpPage;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code stockpot generate-reference}: prints docs/commands.md. */
@Command(name = "generate-reference", hidden = true, description = "Print the help of all commands as Markdown.")
final class ReferenceCommand implements Callable<Integer> {
    private static final int WIDTH = 100;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.print("# Commands\n\nThe help of every command, as `stockpot help COMMAND` prints it.\n");
        for (CommandPage page : CommandPage.all(Commands.parser().getCommandSpec())) {
            out.print("\n## " + page.name() + "\n\n```text\n" + new HelpPage(WIDTH).text(page) + "```\n");
        }
        out.flush();
        return 0;
    }
}
