package dev.stockpot.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.output.Json;
import dev.stockpot.diagnose.Comparison;
import dev.stockpot.diagnose.TensorComparison;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code stockpot compare}. */
@Command(
        name = "compare",
        description = "Compare two checkpoints tensor by tensor: equal, largest difference, cosine.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all tensors are equal", "1:some differ, or a file cannot be read", "2:wrong usage"},
        footer = {"  stockpot compare soup.safetensors expected.safetensors", "  stockpot compare --json a/ b/"})
final class CompareCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "A", description = "A checkpoint.")
    private Path a;

    @Parameters(index = "1", paramLabel = "B", description = "Another checkpoint.")
    private Path b;

    @Mixin
    private InputOptions input;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        List<Checkpoint> both = Stockpot.openAll(List.of(a, b), input.open());
        Comparison comparison = Stockpot.compare(both.get(0), both.get(1), common.silentRun());
        if (common.json()) {
            Json.print(common.out(), json -> write(json, comparison));
        } else {
            print(common.out(), comparison);
        }
        return comparison.equal() ? 0 : 1;
    }

    private static void print(PrintWriter out, Comparison comparison) {
        int width = comparison.tensors().stream()
                .mapToInt(r -> r.name().length())
                .max()
                .orElse(0);
        String row = "%-" + Math.max(6, Math.min(width, 100)) + "s  %-7s  %12s  %12s%n";
        out.printf(Locale.ROOT, row, "tensor", "", "max abs", "cosine");
        for (Comparison.Row tensor : comparison.tensors()) {
            String name = Printable.of(tensor.name());
            if (tensor.difference().isPresent()) {
                TensorComparison difference = tensor.difference().get();
                out.printf(
                        Locale.ROOT,
                        row,
                        name,
                        difference.equal() ? "equal" : "differs",
                        String.format(Locale.ROOT, "%.6g", difference.maxAbs()),
                        String.format(Locale.ROOT, "%.9f", difference.cosine()));
            } else if (tensor.a().isPresent() && tensor.b().isPresent()) {
                out.println(name + "  shapes differ: " + tensor.a().get().shape() + " and "
                        + tensor.b().get().shape());
            } else {
                out.println(name + "  only in " + (tensor.a().isPresent() ? "A" : "B"));
            }
        }
        long differing = comparison.tensors().stream().filter(t -> !t.equal()).count();
        out.println(differing + " of " + comparison.tensors().size() + " tensors differ");
        out.flush();
    }

    private void write(JsonGenerator json, Comparison comparison) throws IOException {
        json.writeStartObject();
        json.writeStringField("a", a.toString());
        json.writeStringField("b", b.toString());
        json.writeBooleanField("equal", comparison.equal());
        json.writeArrayFieldStart("tensors");
        for (Comparison.Row tensor : comparison.tensors()) {
            json.writeStartObject();
            json.writeStringField("name", tensor.name());
            json.writeBooleanField("equal", tensor.equal());
            Json.number(
                    json,
                    "max_abs",
                    tensor.difference().map(TensorComparison::maxAbs).orElse(Double.NaN));
            Json.number(
                    json,
                    "cosine",
                    tensor.difference().map(TensorComparison::cosine).orElse(Double.NaN));
            side(json, "a", tensor.a().orElse(null));
            side(json, "b", tensor.b().orElse(null));
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void side(JsonGenerator json, String field, TensorInfo tensor) throws IOException {
        json.writeFieldName(field);
        if (tensor == null) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        json.writeStringField("dtype", tensor.dtype().name());
        Json.shape(json, tensor);
        json.writeEndObject();
    }
}
