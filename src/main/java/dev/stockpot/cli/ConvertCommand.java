package dev.stockpot.cli;

import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.options.OutputOptions;
import dev.stockpot.cli.output.CheckpointText;
import dev.stockpot.cli.output.ConsoleListener;
import dev.stockpot.cli.output.Json;
import dev.stockpot.run.Run;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code stockpot convert}. */
@Command(
        name = "convert",
        description =
                "Write a checkpoint in another format, layout or dtype; without --dtype every tensor keeps its bytes.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  stockpot convert model.safetensors -o model-bf16.safetensors --dtype BF16",
            "  stockpot convert sharded-model/ -o one-file.safetensors",
            "  stockpot convert model.safetensors -o model.pt",
            "  stockpot convert soup.safetensors --like run1.ckpt -o soup.ckpt",
            "  stockpot convert checkpoint.pth.tar --key state_dict_ema --strip-prefix module. -o ema.safetensors",
            "  stockpot convert model.safetensors -o model-dir --max-shard-size 2GB"
        })
final class ConvertCommand implements Callable<Integer> {
    @Parameters(paramLabel = "CHECKPOINT", description = "A file, an index file or a model directory.")
    private Path path;

    @Mixin
    private OutputOptions output;

    @Mixin
    private InputOptions input;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        output.check();
        Checkpoint written;
        try (ConsoleListener listener = common.listener()) {
            OpenOptions open = output.openingAll(input, List.of(path));
            Checkpoint opened = Stockpot.open(path, open);
            WriteOptions how = output.write(open).build();
            Run run = common.run(listener)
                    .overwrite(output.force())
                    .allow(output.allowed())
                    .build();
            written = output.dtype().isPresent()
                    ? Stockpot.convert(opened, output.dtype().get(), output.out(), how, run)
                    : Stockpot.convert(opened, output.out(), how, run);
        }
        if (common.json()) {
            Json.print(common.out(), json -> {
                json.writeStartObject();
                json.writeStringField("checkpoint", path.toString());
                json.writeNumberField("tensors", written.tensors().size());
                json.writeNumberField("parameters", written.parameters());
                json.writeNumberField("bytes", written.bytes());
                json.writeStringField("output", output.out().toString());
                json.writeEndObject();
            });
        } else {
            common.out().println(Printable.of(CheckpointText.written(output.out(), "", written)));
        }
        return 0;
    }
}
