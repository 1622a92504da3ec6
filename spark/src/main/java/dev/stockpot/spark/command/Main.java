package dev.stockpot.spark.command;

import dev.stockpot.error.StockpotException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code stockpot-spark}: exits with 0 when done, 1 if the run failed, 2 for wrong usage. */
@Command(
        name = "stockpot-spark",
        description = "Make model soups on Apache Spark, from and to every store that Hadoop reaches.",
        subcommands = {UniformCommand.class, MergeCommand.class},
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExample:%n",
        footer =
                "  spark-submit --class dev.stockpot.spark.command.Main --jars ... stockpot-spark.jar uniform -o s3a://soups/ab"
                        + " s3a://runs/a s3a://runs/b")
public final class Main {
    private Main() {}

    /** Runs one command, and exits if it fails. */
    public static void main(String[] arguments) {
        int exit = execute(arguments);
        if (exit != 0) {
            System.exit(exit);
        }
    }

    static int execute(String... arguments) {
        return new CommandLine(new Main())
                .setExpandAtFiles(false)
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    if (!(failure instanceof StockpotException known)) {
                        throw failure;
                    }
                    line.getErr().println("error: " + known.getMessage());
                    known.hint().ifPresent(hint -> line.getErr().println("hint: " + hint));
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(arguments);
    }
}
