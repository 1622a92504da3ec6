package dev.stockpot.cli.output;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.Parameter;
import dev.stockpot.recipe.PlannedTensor;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a merge will do, and what its methods are. */
public final class MergeText {
    private MergeText() {}

    /** Prints the plan of a merge, a line for each tensor and their sum. */
    public static void print(PrintWriter out, String method, List<PlannedTensor> tensors) {
        long read = 0;
        long written = 0;
        int measured = 0;
        for (PlannedTensor tensor : tensors) {
            String how = tensor.copied()
                    ? "copy"
                    : method + " of " + Figures.count(tensor.models(), "model") + (tensor.base() ? " on the base" : "")
                            + (tensor.measured() ? ", measured first" : "");
            out.println(Printable.of(tensor.spec().name() + "  " + tensor.spec().dtype() + " "
                    + tensor.spec().shape() + "  " + how + parameters(tensor)));
            read += tensor.bytesRead();
            written += tensor.spec().bytes();
            measured += tensor.measured() ? 1 : 0;
        }
        out.println(Figures.count(tensors.size(), "tensor") + ": reads " + Figures.bytes(read) + " once"
                + (measured == 0 ? "" : ", and again for " + Figures.count(measured, "tensor") + " measured first")
                + "; writes " + Figures.bytes(written) + "; nothing was written");
        out.flush();
    }

    /** As a recipe has it. */
    private static String number(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    private static String parameters(PlannedTensor tensor) {
        List<String> words = new ArrayList<>();
        new TreeMap<>(tensor.parameters())
                .forEach((name, values) -> words.add(
                        name + "=" + values.stream().map(MergeText::number).collect(Collectors.joining(","))));
        return words.isEmpty() ? "" : "  " + String.join(" ", words);
    }

    /** The same as the value of a field {@code plan}. */
    public static void write(JsonGenerator json, List<PlannedTensor> tensors) throws IOException {
        json.writeArrayFieldStart("plan");
        for (PlannedTensor tensor : tensors) {
            json.writeStartObject();
            json.writeStringField("name", tensor.spec().name());
            json.writeStringField("dtype", tensor.spec().dtype().toString());
            json.writeArrayFieldStart("shape");
            for (long size : tensor.spec().shape()) {
                json.writeNumber(size);
            }
            json.writeEndArray();
            json.writeNumberField("models", tensor.models());
            json.writeBooleanField("base", tensor.base());
            json.writeBooleanField("copied", tensor.copied());
            json.writeObjectFieldStart("parameters");
            for (Map.Entry<String, List<Double>> parameter : new TreeMap<>(tensor.parameters()).entrySet()) {
                json.writeArrayFieldStart(parameter.getKey());
                for (double value : parameter.getValue()) {
                    json.writeNumber(value);
                }
                json.writeEndArray();
            }
            json.writeEndObject();
            json.writeBooleanField("measured", tensor.measured());
            json.writeStringField("on_cpu", tensor.onCpu().orElse(null));
            json.writeNumberField("bytes_read", tensor.bytesRead());
            json.writeNumberField("bytes_written", tensor.spec().bytes());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Prints what a method computes and its parameters. */
    public static void print(PrintWriter out, MergeMethod method) {
        out.println(method.name() + ": " + method.description());
        String base = switch (method.base()) {
            case NONE -> "no base";
            case MEMBER -> "a base that is named is the first model";
            case OPTIONAL -> "a base or none";
            case REQUIRED -> "and a base";
        };
        String models = method.most() == method.fewest()
                ? Figures.count(method.fewest(), "model")
                : method.fewest()
                        + (method.most() == Integer.MAX_VALUE ? " models or more" : " to " + method.most() + " models");
        out.println("takes " + models + "; " + base);
        for (Parameter parameter : method.parameters()) {
            out.println("  " + parameter.name() + (parameter.perModel() ? " (by model)" : "") + ": " + parameter.help()
                    + " " + values(parameter));
        }
        out.flush();
    }

    private static String values(Parameter parameter) {
        boolean given = parameter.otherwise().isPresent();
        double otherwise = parameter.otherwise().orElse(0);
        if (!parameter.choices().isEmpty()) {
            return "One of " + String.join(", ", parameter.choices())
                    + (given ? "; default " + parameter.choices().get((int) otherwise) : "") + ".";
        }
        if (parameter.flag()) {
            return "true or false; default " + (otherwise != 0) + ".";
        }
        boolean bounded = Double.isFinite(parameter.least()) || Double.isFinite(parameter.most());
        String range = bounded
                ? "From " + Figures.number(parameter.least()) + " to " + Figures.number(parameter.most())
                : "Any number";
        return range + (given ? "; default " + Figures.number(otherwise) : "; has to be given") + ".";
    }
}
