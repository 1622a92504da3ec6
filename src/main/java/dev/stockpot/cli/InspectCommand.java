package dev.stockpot.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.output.CheckpointText;
import dev.stockpot.cli.output.Components;
import dev.stockpot.cli.output.ConsoleListener;
import dev.stockpot.cli.output.Json;
import dev.stockpot.engine.read.TensorDigest;
import dev.stockpot.soup.checks.Checks;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code stockpot inspect}. */
@Command(
        name = "inspect",
        description = "Show what is in a checkpoint: its tensors, their dtypes, shapes and sizes.",
        footer = {
            "  stockpot inspect model.safetensors",
            "  stockpot inspect checkpoint.pth.tar --key state_dict_ema",
            "  stockpot inspect --json --checksums model/ > model.json"
        })
final class InspectCommand implements Callable<Integer> {
    /** Longer texts in the metadata are not printed among the tensors. */
    private static final int MOST_LINES = 40;

    @Parameters(paramLabel = "CHECKPOINT", description = "A file, index, directory, or BASE+ADAPTER.")
    private Path path;

    @Option(
            names = "--checksums",
            description = "Add the SHA-256 of every tensor's values (reads the whole checkpoint).")
    private boolean checksums;

    @Mixin
    private InputOptions input;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        Checkpoint checkpoint = Stockpot.open(path, input.open());
        try (ConsoleListener listener = common.listener()) {
            Checkpoint.notes(List.of(checkpoint)).forEach(listener::note);
        }
        Map<String, String> digests = new HashMap<>();
        if (checksums) {
            for (TensorInfo tensor : checkpoint.tensors().values()) {
                digests.put(tensor.name(), TensorDigest.sha256(tensor));
            }
        }
        if (common.json()) {
            Json.print(common.out(), json -> write(json, checkpoint, digests));
        } else {
            print(common.out(), checkpoint, digests);
        }
        try (ConsoleListener listener = common.listener()) {
            List<Checkpoint> one = List.of(checkpoint);
            Checks.ofOne(checkpoint).forEach(doubt -> listener.note(doubt.message(one)));
        }
        return 0;
    }

    private void print(PrintWriter out, Checkpoint checkpoint, Map<String, String> digests) {
        String name = Printable.of(path.toString());
        out.println(name + ": " + checkpoint.format() + ", " + CheckpointText.contents(checkpoint));
        for (Map.Entry<String, String> entry : checkpoint.metadata().entrySet()) {
            List<String> lines = entry.getValue().lines().toList();
            if (lines.size() < 2 || lines.size() > MOST_LINES) {
                String more = lines.size() < 2 ? entry.getValue() : lines.size() + " lines, which --json prints";
                out.println("  " + Printable.of(entry.getKey() + ": " + more));
                continue;
            }
            out.println("  " + Printable.of(entry.getKey()) + ":");
            lines.forEach(line -> out.println("    " + Printable.of(line)));
        }
        for (Checkpoint.Choice choice : checkpoint.choices()) {
            out.printf(
                    Locale.ROOT,
                    "  --key %s: %d tensors%s%n",
                    choice.key().isEmpty() ? "." : Printable.of(choice.key()),
                    choice.tensors(),
                    choice.chosen() ? " (shown)" : "");
        }
        Components.print(checkpoint, out);
        int width = checkpoint.tensors().keySet().stream()
                .mapToInt(String::length)
                .max()
                .orElse(0);
        String row = "%-" + Math.max(4, Math.min(width, 100)) + "s  %-7s  %-20s  %10s%s%n";
        for (TensorInfo tensor : checkpoint.tensors().values()) {
            out.printf(
                    Locale.ROOT,
                    row,
                    Printable.of(tensor.name()),
                    tensor.dtype(),
                    tensor.shape(),
                    Figures.bytes(tensor.bytes()),
                    checksums ? "  " + digests.get(tensor.name()) : "");
        }
        out.flush();
    }

    private void write(JsonGenerator json, Checkpoint checkpoint, Map<String, String> digests) throws IOException {
        json.writeStartObject();
        json.writeStringField("path", path.toString());
        json.writeStringField("format", checkpoint.format());
        json.writeNumberField("bytes", checkpoint.bytes());
        json.writeNumberField("parameters", checkpoint.parameters());
        json.writeObjectFieldStart("metadata");
        for (Map.Entry<String, String> entry : checkpoint.metadata().entrySet()) {
            json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
        if (!checkpoint.choices().isEmpty()) {
            json.writeArrayFieldStart("choices");
            for (Checkpoint.Choice choice : checkpoint.choices()) {
                json.writeStartObject();
                json.writeStringField("key", choice.key());
                json.writeNumberField("tensors", choice.tensors());
                json.writeBooleanField("chosen", choice.chosen());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        Components.write(checkpoint, json);
        json.writeArrayFieldStart("tensors");
        for (TensorInfo tensor : checkpoint.tensors().values()) {
            json.writeStartObject();
            json.writeStringField("name", tensor.name());
            json.writeStringField("dtype", tensor.dtype().name());
            Json.shape(json, tensor);
            json.writeNumberField("bytes", tensor.bytes());
            if (checksums) {
                json.writeStringField("sha256", digests.get(tensor.name()));
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
