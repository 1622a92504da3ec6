package dev.stockpot.cli.output;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.merge.Fact;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.recipe.PlannedTensor;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.report.FactSpool;
import dev.stockpot.report.MergeParts;
import dev.stockpot.report.ModelCard;
import dev.stockpot.soup.MergedModel;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a merge will do, and what its methods are. */
public final class MergeText {
    private MergeText() {}

    /** What a merge is called in a report. */
    public static String title(Recipe recipe, MergedModel merged) {
        return recipe.name().map(name -> name + ": ").orElse("") + recipe.method() + " merge of "
                + Figures.count(merged.ingredients().size(), "model");
    }

    /** The card of a merge in a model directory. */
    public static ModelCard card(Recipe recipe, MergedModel merged) {
        String description = MergeMethods.named(recipe.method()).orElseThrow().description();
        ModelCard card = ModelCard.ofMerge(recipe.method(), description, merged.ingredients(), merged.base());
        merged.layers().ifPresent(layers -> card.saying("Its " + layers + " layers were put together from slices."));
        return card;
    }

    /** What was merged, in sentences. */
    public static List<String> summary(Recipe recipe, MergedModel merged) {
        List<PlannedTensor> tensors = merged.planned();
        long copied = tensors.stream().filter(PlannedTensor::copied).count();
        List<String> sentences = new ArrayList<>();
        sentences.add(title(recipe, merged) + ": " + Figures.count(tensors.size(), "tensor")
                + (copied == 0 ? "" : ", of which " + copied + (copied == 1 ? " is" : " are") + " copied") + ".");
        merged.layers().ifPresent(layers -> sentences.add("Its " + layers + " layers were put together from slices."));
        MergeMethods.named(recipe.method()).ifPresent(how -> sentences.add(how.description()));
        sentences.addAll(merged.notes());
        return sentences;
    }

    /** Prints the plan of a merge, a line for each tensor and their sum. */
    public static void print(PrintWriter out, List<PlannedTensor> tensors) {
        long read = 0;
        long again = 0;
        long written = 0;
        long memory = 0;
        for (PlannedTensor tensor : tensors) {
            String how = tensor.copied()
                    ? "copy"
                    : tensor.method() + " of " + Figures.count(tensor.models(), "model")
                            + (tensor.base() ? " on the base" : "");
            String passes = tensor.passes() == 1 ? "" : ", up to " + tensor.passes() + " times";
            out.println(Printable.of(tensor.spec().name() + "  " + tensor.spec().dtype() + " "
                    + tensor.spec().shape() + "  " + how + parameters(tensor) + "  reads "
                    + Figures.bytes(tensor.bytesRead()) + passes + ", writes "
                    + Figures.bytes(tensor.spec().bytes())));
            read += tensor.bytesRead();
            again += (tensor.passes() - 1) * tensor.bytesRead();
            written += tensor.spec().bytes();
            memory = Math.max(memory, tensor.memory());
        }
        out.println(Figures.count(tensors.size(), "tensor") + ": reads " + Figures.bytes(read)
                + (again == 0
                        ? ""
                        : ", up to " + Figures.bytes(again) + " more for what is read again, tensor by tensor")
                + "; writes " + Figures.bytes(written) + "; takes " + Figures.bytes(memory)
                + " of buffers for each thread; nothing was written");
        out.flush();
    }

    private static String parameters(PlannedTensor tensor) {
        List<String> words = new ArrayList<>();
        new TreeMap<>(MergeParts.parameters(tensor)).forEach((name, values) -> words.add(name + "=" + values));
        return words.isEmpty() ? "" : "  " + String.join(" ", words);
    }

    /** The same as the value of a field {@code plan}, with what a run found out about each tensor, if there was one. */
    public static void write(JsonGenerator json, List<PlannedTensor> tensors, Optional<FactSpool> facts)
            throws IOException {
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
            json.writeStringField("method", tensor.copied() ? "copy" : tensor.method());
            json.writeNumberField("models", tensor.models());
            json.writeBooleanField("base", tensor.base());
            json.writeObjectFieldStart("parameters");
            for (Map.Entry<String, List<Double>> parameter : new TreeMap<>(tensor.parameters()).entrySet()) {
                json.writeFieldName(parameter.getKey());
                write(json, tensor.method(), parameter.getKey(), parameter.getValue());
            }
            json.writeEndObject();
            json.writeNumberField("passes", tensor.passes());
            json.writeStringField("on_cpu", tensor.onCpu().orElse(null));
            json.writeNumberField("bytes_read", tensor.bytesRead());
            json.writeNumberField("bytes_written", tensor.spec().bytes());
            json.writeNumberField("memory", tensor.memory());
            if (facts.isPresent()) {
                json.writeObjectFieldStart("facts");
                for (Fact fact : facts.get().of(tensor.spec().name())) {
                    write(json, fact);
                }
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** A parameter as recipes write it: an array of numbers by model, or one value. */
    private static void write(JsonGenerator json, String method, String name, List<Double> values) throws IOException {
        Parameter parameter = MergeParts.parameter(method, name);
        if (parameter.perModel()) {
            Json.numbers(json, values);
        } else {
            json.writeObject(parameter.written(values.get(0)));
        }
    }

    private static void write(JsonGenerator json, Fact fact) throws IOException {
        if (fact instanceof Fact.Word word) {
            json.writeStringField(word.name(), word.word());
        } else if (fact instanceof Fact.Number number) {
            Json.number(json, number.name(), number.value());
        } else if (fact instanceof Fact.ByModel byModel) {
            json.writeFieldName(byModel.name());
            Json.numbers(json, byModel.values());
        }
    }

    /** Prints what a method computes and its parameters. */
    public static void print(PrintWriter out, MergeMethod method) {
        out.println(method.name() + ": " + method.description());
        String base = switch (method.base()) {
            case NONE -> "; no base";
            case MEMBER -> "; a base that is named is the first model";
            case OPTIONAL -> ", with a base or without";
            case REQUIRED -> ", and a base";
        };
        String models = method.most() == method.fewest()
                ? Figures.count(method.fewest(), "model")
                : method.most() == Integer.MAX_VALUE
                        ? Figures.count(method.fewest(), "model") + " or more"
                        : method.fewest() + " to " + method.most() + " models";
        out.println("takes " + models + base);
        MergeMethods.formula(method.name()).ifPresent(formula -> out.println("makes " + formula));
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
        return range + (given ? "; default " + MergeParts.text(otherwise) : "; has to be given") + ".";
    }
}
