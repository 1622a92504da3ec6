package dev.stockpot.cli;

import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Adapter;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.options.OutputOptions;
import dev.stockpot.cli.options.RunFailure;
import dev.stockpot.cli.output.CheckpointText;
import dev.stockpot.cli.output.ConsoleListener;
import dev.stockpot.cli.output.Json;
import dev.stockpot.run.Run;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code stockpot convert}. */
@Command(
        name = "convert",
        description =
                "Write a checkpoint in another format, layout or dtype; without --dtype every tensor keeps its bytes.",
        footer = {
            "  stockpot convert model.safetensors -o model-bf16.safetensors --dtype BF16",
            "  stockpot convert sharded-model/ -o one-file.safetensors",
            "  stockpot convert model.safetensors -o model.pt",
            "  stockpot convert soup.safetensors --like run1.ckpt -o soup.ckpt",
            "  stockpot convert checkpoint.pth.tar --key state_dict_ema --strip-prefix module. -o ema.safetensors",
            "  stockpot convert model.safetensors -o model-dir --max-shard-size 2GB",
            "  stockpot convert base-model/ --adapter lora/ -o merged-model"
        })
final class ConvertCommand implements Callable<Integer> {
    @Parameters(paramLabel = "CHECKPOINT", description = "A file, index, directory, or BASE+ADAPTER.")
    private Path path;

    @Option(
            names = "--adapter",
            paramLabel = "ADAPTER",
            description =
                    "A LoRA adapter of PEFT (its directory) to fold into CHECKPOINT: W + scale * B A, rounded once"
                            + " to the output's type. Repeatable: the changes are added.")
    private List<Path> adapters = List.of();

    @Option(
            names = "--adapter-weights",
            paramLabel = "W1,W2,...",
            split = ",",
            description = "Factors for the changes of each --adapter, in order (default: 1).")
    private List<Double> adapterWeights;

    @Mixin
    private OutputOptions output;

    @Mixin
    private InputOptions input;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        output.check();
        if (adapterWeights != null && adapterWeights.size() != adapters.size()) {
            throw RunFailure.wrongValue("--adapter-weights: " + Figures.count(adapterWeights.size(), "weight") + " for "
                    + Figures.count(adapters.size(), "adapter"));
        }
        Checkpoint written;
        try (ConsoleListener listener = common.listener()) {
            OpenOptions open = output.openingAll(input, List.of(path));
            Checkpoint opened = folded(Stockpot.open(path, open));
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
                json.writeArrayFieldStart("adapters");
                for (Path adapter : adapters) {
                    json.writeString(adapter.toString());
                }
                json.writeEndArray();
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

    /** With the adapters folded in, at once in the output's type. */
    private Checkpoint folded(Checkpoint base) {
        if (adapters.isEmpty()) {
            return base;
        }
        List<Adapter> all = new ArrayList<>();
        for (Path adapter : adapters) {
            double weight = adapterWeights == null ? 1 : adapterWeights.get(all.size());
            all.add(Adapter.of(Stockpot.open(adapter)).withWeight(weight));
        }
        return Adapter.fold(base, all, output.dtype());
    }
}
