package dev.stockpot.cli;

import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code stockpot}: the parent of all commands. */
@Command(
        name = "stockpot",
        mixinStandardHelpOptions = true,
        versionProvider = StockpotCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Makes model soups: averages the weights of fine-tuned checkpoints of one pre-trained model.",
        subcommands = {
            UniformCommand.class,
            InspectCommand.class,
            CompareCommand.class,
            ConvertCommand.class,
            DoctorCommand.class,
            GenerateCompletion.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  stockpot uniform -o soup.safetensors model_1.safetensors model_2.safetensors",
            "  stockpot inspect soup.safetensors",
            "  stockpot uniform --help",
            "",
            "Shell completion: source <(stockpot generate-completion)",
            "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted."
        })
final class StockpotCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }

    /** The version, from the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"stockpot " + text()};
        }

        static String text() {
            String version = StockpotCommand.class.getPackage().getImplementationVersion();
            return version == null ? "(development build)" : version;
        }
    }
}
