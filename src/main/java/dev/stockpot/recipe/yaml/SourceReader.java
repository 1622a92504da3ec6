package dev.stockpot.recipe.yaml;

import dev.stockpot.merge.MergeMethod;
import dev.stockpot.recipe.Recipe.LayerRange;
import dev.stockpot.recipe.Recipe.Slice;
import dev.stockpot.recipe.Recipe.Source;
import dev.stockpot.recipe.Setting;
import dev.stockpot.recipe.yaml.Yaml.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads which models a recipe merges, and which of their layers. */
final class SourceReader {
    private final Yaml yaml;
    private final Names names;
    private final Chain chain;
    private final ParameterReader parameters;
    private final Places places;

    SourceReader(Yaml yaml, Names names, Chain chain, MergeMethod method) {
        this.yaml = yaml;
        this.names = names;
        this.chain = chain;
        this.parameters = new ParameterReader(yaml, names, chain, method);
        this.places = new Places(yaml, method);
    }

    /** Where the models stand that have been read. */
    Places places() {
        return places;
    }

    /** The base model, if there is one. */
    Optional<String> base(Map<String, Entry> keys) {
        String key = "base_model";
        return Optional.ofNullable(keys.get(key)).map(Entry::value).map(value -> modelName(value, key));
    }

    /** A model's name: text, or mergekit's mapping of its parts. */
    private String modelName(Node node, String what) {
        if (!(node instanceof MappingNode)) {
            String name = yaml.text(node, what);
            chain.uses(name, node);
            return name;
        }
        Map<String, Entry> parts = yaml.mapping(node, what);
        Entry lora = parts.get("lora");
        if (lora != null
                && (lora.value() instanceof MappingNode
                        || yaml.value(lora.value()).isPresent())) {
            parts.remove("lora");
            return modelName(parts, node, what) + "+" + modelName(lora.value(), "lora");
        }
        return modelName(parts, node, what);
    }

    private String modelName(Map<String, Entry> parts, Node node, String what) {
        if (parts.containsKey("model") && parts.get("model").value() instanceof MappingNode) {
            return modelName(parts.get("model").value(), what);
        }
        Entry path = parts.getOrDefault("path", parts.get("model"));
        if (path == null) {
            throw yaml.wrong(node, what + " should be a model's name");
        }
        return modelName(path.value(), what);
    }

    /** The models of a list. */
    List<Source> models(Node node) {
        List<Source> models = new ArrayList<>();
        places.slice(node);
        for (Node one : yaml.list(node, "models")) {
            models.add(source(one, false));
        }
        if (models.isEmpty()) {
            throw yaml.wrong(node, "models is empty");
        }
        return models;
    }

    private Source source(Node node, boolean inSlice) {
        Map<String, Entry> all = yaml.mapping(node, inSlice ? "a source" : "a model");
        Set<String> known = inSlice ? Set.of("model", "layer_range", "parameters") : Set.of("model", "parameters");
        names.check(all, known, inSlice ? "a source" : "a model");
        Map<String, Entry> keys = Yaml.given(all);
        places.source(node);
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

    /** The slices of a list. */
    List<Slice> slices(Node node) {
        List<Slice> slices = new ArrayList<>();
        for (Node one : yaml.list(node, "slices")) {
            Map<String, Entry> all = yaml.mapping(one, "a slice");
            names.check(all, Set.of("sources", "base_model", "parameters", "residual_weight"), "a slice");
            Map<String, Entry> keys = Yaml.given(all);
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
        places.slice(keys.get("sources").value());
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
        return new Slice(sources, base(keys), parameters(keys));
    }

    /** The parameters under their key. */
    Map<String, Setting> parameters(Map<String, Entry> keys) {
        return keys.containsKey("parameters")
                ? parameters.ofAll(keys.get("parameters").value())
                : Map.of();
    }
}
