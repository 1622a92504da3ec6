package dev.stockpot.recipe.yaml;

import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Recipe.LayerRange;
import dev.stockpot.recipe.Recipe.Slice;
import dev.stockpot.recipe.Recipe.Source;
import dev.stockpot.recipe.Setting;
import dev.stockpot.recipe.yaml.Yaml.Entry;
import dev.stockpot.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads recipes as mergekit writes them, strictly: what it would ignore without a word is a mistake, unless it is known to
 * change nothing.
 */
public final class RecipeReader {
    private static final Set<String> TOP = Set.of(
            "merge_method",
            "models",
            "slices",
            "modules",
            "base_model",
            "parameters",
            "dtype",
            "out_dtype",
            "tokenizer_source",
            "tokenizer",
            "chat_template",
            "name");

    private final Yaml yaml;
    private final Names names;
    private ParameterReader parameters;

    public RecipeReader(Path file, boolean lenient, Consumer<String> notes, Consumer<String> warnings) {
        this.yaml = new Yaml(file, warnings);
        this.names = new Names(yaml, lenient, notes);
    }

    /** All recipes of a file, in order. */
    public List<Recipe> read(String text) {
        List<Recipe> recipes = new ArrayList<>();
        for (Node document : yaml.documents(text)) {
            recipes.add(recipe(document));
        }
        return recipes;
    }

    private Recipe recipe(Node document) {
        Map<String, Entry> keys = yaml.mapping(document, "a recipe");
        Entry named = keys.get("merge_method");
        if (named == null) {
            throw yaml.wrong(document, "merge_method is missing: " + String.join(", ", MergeMethods.names()));
        }
        MergeMethod method = method(named.value());
        parameters = new ParameterReader(yaml, names, method);
        names.check(keys, TOP, "a recipe", method);
        oneOf(document, keys, "models", "slices", "modules");
        Map<String, Entry> body = keys;
        Map<String, Setting> module = Map.of();
        if (keys.containsKey("modules")) {
            body = module(keys.get("modules").value());
            module = parameters(body);
        }
        sayWhatChangesNothing(keys);
        return new Recipe(
                optional(keys, "name"),
                method.name(),
                optional(keys, "base_model"),
                body.containsKey("models") ? models(body.get("models").value()) : List.of(),
                body.containsKey("slices") ? slices(body.get("slices").value()) : List.of(),
                module,
                parameters(keys),
                dtype(keys));
    }

    private MergeMethod method(Node node) {
        String name = yaml.text(node, "merge_method");
        Optional<MergeMethod> method = MergeMethods.named(name);
        if (method.isEmpty()) {
            throw yaml.wrong(
                    node,
                    "there is no merge method '" + name + "'" + names.nearest(name, MergeMethods.names()) + ": "
                            + String.join(", ", MergeMethods.names()));
        }
        return method.get();
    }

    private void oneOf(Node at, Map<String, Entry> keys, String... exclusive) {
        List<String> given =
                List.of(exclusive).stream().filter(keys::containsKey).toList();
        if (given.size() != 1) {
            throw yaml.wrong(
                    at,
                    "there should be one of " + String.join(", ", exclusive) + " but "
                            + (given.isEmpty() ? "there is none" : "there are " + String.join(" and ", given)));
        }
    }

    /** The keys of the one module. */
    private Map<String, Entry> module(Node node) {
        Map<String, Entry> modules = yaml.mapping(node, "modules");
        if (!modules.keySet().equals(Set.of("default"))) {
            throw yaml.wrong(
                    node,
                    "modules should have 'default' alone but has " + String.join(", ", modules.keySet())
                            + ": models of several stacks of layers are merged with 'models'");
        }
        Node module = modules.get("default").value();
        Map<String, Entry> keys = yaml.mapping(module, "a module");
        names.check(keys, Set.of("models", "slices", "parameters"), "a module", parameters.method());
        oneOf(module, keys, "models", "slices");
        return keys;
    }

    private void sayWhatChangesNothing(Map<String, Entry> keys) {
        for (String key : List.of("tokenizer_source", "tokenizer")) {
            if (keys.containsKey(key)) {
                tokenizer(keys.get(key));
            }
        }
        if (keys.containsKey("chat_template")) {
            names.note(
                    keys.get("chat_template").key(), "chat_template changes nothing: the tokenizer is copied as it is");
        }
    }

    private void tokenizer(Entry entry) {
        String source = entry.value() instanceof MappingNode
                ? Optional.ofNullable(yaml.mapping(entry.value(), "tokenizer").get("source"))
                        .map(from -> yaml.text(from.value(), "source"))
                        .orElse("union")
                : yaml.text(entry.value(), "a tokenizer's source");
        boolean mapped = entry.value() instanceof MappingNode
                && yaml.mapping(entry.value(), "tokenizer").containsKey("tokens");
        if (source.equals("union") || mapped) {
            names.refuse(
                    entry.key(),
                    "tokenizers are not joined: rows of vocabularies are merged as they are, and the tokenizer is copied from"
                            + " the base or first model");
        } else {
            names.note(
                    entry.key(),
                    "the tokenizer is copied from the base or first model, and embeddings are merged row by row");
        }
    }

    private Optional<String> optional(Map<String, Entry> keys, String key) {
        return Optional.ofNullable(keys.get(key))
                .map(Entry::value)
                .filter(value -> yaml.value(value).isPresent())
                .map(value -> modelName(value, key));
    }

    /** A model's name: text, or mergekit's mapping of its parts. */
    private String modelName(Node node, String what) {
        if (!(node instanceof MappingNode)) {
            return yaml.text(node, what);
        }
        Map<String, Entry> parts = yaml.mapping(node, what);
        if (parts.containsKey("model") && parts.get("model").value() instanceof MappingNode) {
            return modelName(parts.get("model").value(), what);
        }
        Entry path = parts.getOrDefault("path", parts.get("model"));
        if (path == null) {
            throw yaml.wrong(node, what + " should be a model's name");
        }
        return yaml.text(path.value(), what);
    }

    private List<Source> models(Node node) {
        List<Source> models = new ArrayList<>();
        for (Node one : yaml.list(node, "models")) {
            models.add(source(one, false));
        }
        if (models.isEmpty()) {
            throw yaml.wrong(node, "models is empty");
        }
        return models;
    }

    private Source source(Node node, boolean inSlice) {
        Map<String, Entry> keys = yaml.mapping(node, inSlice ? "a source" : "a model");
        Set<String> known = inSlice ? Set.of("model", "layer_range", "parameters") : Set.of("model", "parameters");
        names.check(keys, known, inSlice ? "a source" : "a model", parameters.method());
        if (!keys.containsKey("model")) {
            throw yaml.wrong(node, "model is missing");
        }
        Optional<LayerRange> layers = Optional.empty();
        if (inSlice) {
            if (!keys.containsKey("layer_range")) {
                throw yaml.wrong(node, "layer_range is missing: [first, last + 1], counted from 0");
            }
            layers = Optional.of(range(keys.get("layer_range").value()));
        }
        Map<String, Setting> own = keys.containsKey("parameters")
                ? parameters.ofModel(keys.get("parameters").value())
                : Map.of();
        return new Source(modelName(keys.get("model").value(), "model"), layers, own);
    }

    private LayerRange range(Node node) {
        List<Integer> ends = new ArrayList<>();
        if (node instanceof SequenceNode) {
            for (Node end : yaml.list(node, "layer_range")) {
                Optional<Object> value = yaml.value(end);
                if (value.isPresent() && value.get() instanceof Double number && number == Math.rint(number)) {
                    ends.add(number.intValue());
                }
            }
        }
        if (ends.size() != 2 || ends.get(0) < 0 || ends.get(1) < ends.get(0)) {
            throw yaml.wrong(node, "layer_range should be [first, last + 1], counted from 0");
        }
        return new LayerRange(ends.get(0), ends.get(1));
    }

    private List<Slice> slices(Node node) {
        List<Slice> slices = new ArrayList<>();
        for (Node one : yaml.list(node, "slices")) {
            Map<String, Entry> keys = yaml.mapping(one, "a slice");
            names.check(
                    keys,
                    Set.of("sources", "base_model", "parameters", "residual_weight"),
                    "a slice",
                    parameters.method());
            if (keys.containsKey("residual_weight")) {
                names.note(
                        keys.get("residual_weight").key(), "residual_weight changes nothing, nor does it in mergekit");
            }
            if (!keys.containsKey("sources")) {
                throw yaml.wrong(one, "sources is missing");
            }
            slices.add(slice(one, keys));
        }
        if (slices.isEmpty()) {
            throw yaml.wrong(node, "slices is empty");
        }
        return slices;
    }

    private Slice slice(Node node, Map<String, Entry> keys) {
        List<Source> sources = new ArrayList<>();
        for (Node source : yaml.list(keys.get("sources").value(), "sources")) {
            sources.add(source(source, true));
        }
        if (sources.isEmpty()) {
            throw yaml.wrong(node, "sources is empty");
        }
        for (Source source : sources) {
            if (source.layers().get().length() != sources.get(0).layers().get().length()) {
                throw yaml.wrong(node, "the sources of a slice should have equally many layers");
            }
        }
        return new Slice(sources, optional(keys, "base_model"), parameters(keys));
    }

    private Map<String, Setting> parameters(Map<String, Entry> keys) {
        return keys.containsKey("parameters")
                ? parameters.ofAll(keys.get("parameters").value())
                : Map.of();
    }

    private Optional<DType> dtype(Map<String, Entry> keys) {
        // Inputs are never rounded before the arithmetic, so dtype alone is the output's type.
        for (String key : List.of("out_dtype", "dtype")) {
            if (keys.containsKey(key) && yaml.value(keys.get(key).value()).isPresent()) {
                Node node = keys.get(key).value();
                return Optional.of(dtype(node, yaml.text(node, key)));
            }
        }
        return Optional.empty();
    }

    private DType dtype(Node node, String name) {
        String plain = name.startsWith("torch.") ? name.substring("torch.".length()) : name;
        return switch (plain) {
            case "float64", "double", "F64" -> DType.F64;
            case "float32", "float", "F32" -> DType.F32;
            case "float16", "half", "F16" -> DType.F16;
            case "bfloat16", "BF16" -> DType.BF16;
            case "float8_e4m3fn", "F8_E4M3" -> DType.F8_E4M3;
            case "float8_e5m2", "F8_E5M2" -> DType.F8_E5M2;
            default -> throw yaml.wrong(node, "dtype should be float32, bfloat16 or float16 but got " + name);
        };
    }
}
