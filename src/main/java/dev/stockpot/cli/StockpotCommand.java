package dev.stockpot.cli;

import dev.stockpot.cli.output.Version;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code stockpot}: the parent of all commands. */
@Command(
        name = "stockpot",
        mixinStandardHelpOptions = true,
        versionProvider = StockpotCommand.Versions.class,
        description = "Make model soups: average the weights of fine-tuned checkpoints of one pre-trained model.",
        footer = {
            "  stockpot uniform -o soup.safetensors model_1.safetensors model_2.safetensors",
            "  stockpot greedy -o soup.safetensors --evaluator 'cmd:python3 eval.py {checkpoint}' runs/*.safetensors",
            "  stockpot inspect soup.safetensors",
            "  stockpot help uniform",
            "Completion in bash and zsh: source <(stockpot generate-completion)",
            "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted."
        })
final class StockpotCommand implements Runnable {
    /** All commands by name, in the order in which help lists them. */
    static final Map<String, Class<?>> COMMANDS = commands();

    @Spec
    private CommandSpec spec;

    private static Map<String, Class<?>> commands() {
        Map<String, Class<?>> commands = new LinkedHashMap<>();
        commands.put("uniform", UniformCommand.class);
        commands.put("greedy", GreedyCommand.class);
        commands.put("learned", LearnedCommand.class);
        commands.put("merge", MergeCommand.class);
        commands.put("search", SearchCommand.class);
        commands.put("index", IndexCommand.class);
        commands.put("evaluate", EvaluateCommand.class);
        commands.put("diagnose", DiagnoseCommand.class);
        commands.put("inspect", InspectCommand.class);
        commands.put("compare", CompareCommand.class);
        commands.put("convert", ConvertCommand.class);
        commands.put("doctor", DoctorCommand.class);
        commands.put("bench", BenchCommand.class);
        commands.put("make-checkpoint", MakeCheckpointCommand.class);
        commands.put("demo", DemoCommand.class);
        commands.put("cuda-check", CudaCheckCommand.class);
        commands.put("generate-completion", CompletionCommand.class);
        commands.put("generate-man", ManCommand.class);
        commands.put("generate-reference", ReferenceCommand.class);
        return Collections.unmodifiableMap(commands);
    }

    @Override
    public void run() {
        List<String> shown = new ArrayList<>();
        spec.subcommands().forEach((name, command) -> {
            if (!command.getCommandSpec().usageMessage().hidden()) {
                shown.add(name);
            }
        });
        throw new ParameterException(spec.commandLine(), "Missing command: one of " + String.join(", ", shown));
    }

    /** What {@code --version} prints. */
    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"stockpot " + Version.text()};
        }
    }
}
