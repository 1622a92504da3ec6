package dev.stockpot.cli;

import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.output.CheckpointText;
import dev.stockpot.cli.output.ConsoleListener;
import dev.stockpot.cli.output.Json;
import dev.stockpot.run.Run;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code stockpot index}. */
@Command(
        name = "index",
        description = "Make a model directory of the parts that --part has written of it, once all of them are there.",
        footer = {
            "  stockpot uniform -o soup-model --part 1/2 model-a/ model-b/",
            "  stockpot uniform -o soup-model --part 2/2 model-a/ model-b/",
            "  stockpot index soup-model"
        })
final class IndexCommand implements Callable<Integer> {
    @Parameters(paramLabel = "OUT", description = "The output of the parts.")
    private Path out;

    @Option(names = "--force", description = "Replace an existing model; other files in its directory stay.")
    private boolean force;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        Checkpoint made;
        try (ConsoleListener listener = common.listener()) {
            Run run = common.run(listener).overwrite(force).build();
            made = Stockpot.index(out, run);
        }
        if (common.json()) {
            Json.print(common.out(), json -> {
                json.writeStartObject();
                json.writeNumberField("tensors", made.tensors().size());
                json.writeNumberField("parameters", made.parameters());
                json.writeNumberField("bytes", made.bytes());
                json.writeStringField("output", out.toString());
                json.writeEndObject();
            });
        } else {
            common.out().println(Printable.of(CheckpointText.written(out, "", made)));
        }
        return 0;
    }
}
