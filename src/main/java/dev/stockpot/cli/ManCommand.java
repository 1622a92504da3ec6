package dev.stockpot.cli;

import dev.stockpot.cli.help.CommandPage;
import dev.stockpot.cli.help.ManPage;
import dev.stockpot.cli.options.RunFailure;
import dev.stockpot.cli.output.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code stockpot generate-man}. */
@Command(
        name = "generate-man",
        description = "Write the man pages of all commands.",
        footer = {"  stockpot generate-man ~/.local/share/man/man1", "Then: man stockpot, man stockpot-greedy."})
final class ManCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "The directory to write them to; existing pages are replaced.")
    private Path folder;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    @Override
    public Integer call() {
        try {
            Files.createDirectories(folder);
            for (CommandPage page : CommandPage.all(Commands.parser().getCommandSpec())) {
                ManPage man = new ManPage(page, "stockpot " + Version.text());
                Files.writeString(folder.resolve(man.name() + ".1"), man.text());
            }
        } catch (IOException e) {
            throw new RunFailure(folder + ": cannot hold man pages: " + e.getMessage());
        }
        return 0;
    }
}
