package dev.stockpot.cli;

import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.evaluate.command.CommandLineWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A process in which {@link EnvironmentsTest} runs the commands; leaves what they print in the current folder, as they leave files. */
final class CommandRuns {
    private static final String MODELS = " ../a.safetensors ../b.safetensors ../c.safetensors";
    private static final String SCORED = " --evaluator 'cmd:sh ../score.sh {checkpoint}'";

    /** Not their help, which wrong usage shows too: picocli sorts its synopsis by the locale. Also in upper and lower case: the letter i has another capital in Turkish. */
    private static final List<String> COMMANDS = List.of(
            "uniform --io DIRECT --isa scalar -o soup.safetensors" + MODELS,
            "uniform --io direct --json --weights 0.25,0.75,1.5 --on-missing skip -o w.pt" + MODELS,
            "convert soup.safetensors --max-shard-size 4000 -o shards",
            "convert shards --json --dtype bf16 -o whole.safetensors",
            "inspect --checksums soup.safetensors",
            "inspect --json --checksums shards",
            "inspect w.pt",
            "compare ../a.safetensors soup.safetensors",
            "compare --json ../a.safetensors soup.safetensors",
            "greedy --maximize -o greedy.safetensors --report report --min-gain 0.001" + SCORED + MODELS,
            "greedy --maximize --json --passes 2 -o greedy" + SCORED + MODELS,
            "greedy --maximize --scores ../scores.csv -o known.safetensors" + SCORED + MODELS,
            "learned --maximize --optimizer CMA-ES --evaluations 12 -o learned.safetensors" + SCORED + MODELS,
            "learned --maximize --optimizer cma-es --evaluations 12 --json -o again.safetensors" + SCORED + MODELS,
            "evaluate" + SCORED + MODELS,
            "evaluate --json" + SCORED + MODELS,
            "diagnose --maximize --report diagnosis" + SCORED + MODELS,
            "diagnose --maximize --json" + SCORED + MODELS,
            "greedy --maximize --passes 0 -o no.safetensors" + SCORED + MODELS,
            "convert nowhere.safetensors -o no.safetensors");

    private CommandRuns() {}

    public static void main(String[] arguments) throws IOException {
        for (int i = 0; i < COMMANDS.size(); i++) {
            Result result = TestCommands.run(words(COMMANDS.get(i)));
            Files.writeString(
                    Path.of((i + 10) + ".txt"),
                    COMMANDS.get(i) + "\nexit " + result.exit() + "\n\n" + result.out() + "\n" + result.err());
        }
    }

    private static List<String> words(String command) {
        return CommandLineWords.split(command);
    }
}
