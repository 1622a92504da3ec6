package dev.stockpot.cli.output;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** What each folder of a model holds: the components of a pipeline, or modules. */
public final class Components {
    private Components() {}

    private record Sum(int tensors, long parameters, long bytes) {
        Sum plus(TensorInfo tensor) {
            return new Sum(tensors + 1, parameters + tensor.elements(), bytes + tensor.bytes());
        }
    }

    private static Map<String, Sum> of(Checkpoint checkpoint) {
        Map<String, Sum> sums = new LinkedHashMap<>();
        for (String folder : checkpoint.folders()) {
            sums.put(folder, new Sum(0, 0, 0));
        }
        for (TensorInfo tensor : checkpoint.tensors().values()) {
            // What is in the directory itself is no component.
            sums.computeIfPresent(checkpoint.folder(tensor.name()), (folder, sum) -> sum.plus(tensor));
        }
        return sums;
    }

    /** Prints a line for each folder. */
    public static void print(Checkpoint checkpoint, PrintWriter out) {
        of(checkpoint)
                .forEach((folder, sum) -> out.println("  "
                        + Printable.of(folder)
                        + (sum.tensors == 0
                                ? "/: no weights"
                                : "/: " + Figures.count(sum.tensors, "tensor") + ", "
                                        + Figures.count(sum.parameters, "parameter") + ", "
                                        + Figures.bytes(sum.bytes))));
    }

    /** Writes them as an array under {@code components}, if there are any. */
    public static void write(Checkpoint checkpoint, JsonGenerator json) throws IOException {
        if (checkpoint.folders().isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("components");
        for (Map.Entry<String, Sum> component : of(checkpoint).entrySet()) {
            json.writeStartObject();
            json.writeStringField("folder", component.getKey());
            json.writeNumberField("tensors", component.getValue().tensors);
            json.writeNumberField("parameters", component.getValue().parameters);
            json.writeNumberField("bytes", component.getValue().bytes);
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
