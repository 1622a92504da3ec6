package dev.stockpot.recipe.yaml;

import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.Parameter;
import dev.stockpot.recipe.Setting;
import dev.stockpot.recipe.Setting.Condition;
import dev.stockpot.recipe.Setting.Conditions;
import dev.stockpot.recipe.Setting.Constant;
import dev.stockpot.recipe.Setting.Gradient;
import dev.stockpot.recipe.Setting.Words;
import dev.stockpot.recipe.yaml.Yaml.Entry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads the parameters of a recipe, of a slice or of a model, for one method. */
final class ParameterReader {
    private static final Set<String> WITHOUT_EFFECT = Set.of("int8_mask");
    private static final int DEEPEST = 4;

    private final Yaml yaml;
    private final Names names;
    private final Chain chain;
    private final MergeMethod method;

    ParameterReader(Yaml yaml, Names names, Chain chain, MergeMethod method) {
        this.yaml = yaml;
        this.names = names;
        this.chain = chain;
        this.method = method;
    }

    MergeMethod method() {
        return method;
    }

    /** Those of a model: none of the method's own. */
    Map<String, Setting> ofModel(Node node) {
        return read(node, true);
    }

    /** Those of a recipe or slice, which are also defaults for models. */
    Map<String, Setting> ofAll(Node node) {
        return read(node, false);
    }

    private Map<String, Setting> read(Node node, boolean ofModel) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        yaml.mapping(node, "parameters").forEach((key, entry) -> {
            Optional<Parameter> parameter = method.parameters().stream()
                    .filter(p -> p.name().equals(key))
                    .findFirst();
            if (parameter.isEmpty()) {
                sayThatItIsNone(key, entry);
            } else if (ofModel && !parameter.get().perModel()) {
                names.refuse(
                        entry.key(),
                        "'" + key + "' of " + method.name()
                                + " is one for all models: it changes nothing under a model, and belongs under the recipe's"
                                + " 'parameters'");
            } else if (yamlIsNull(entry.value())) {
                names.note(entry.key(), "'" + key + "' has no value and changes nothing");
            } else {
                settings.put(key, setting(parameter.get(), entry.value(), 0));
            }
        });
        return settings;
    }

    private boolean yamlIsNull(Node node) {
        return !(node instanceof MappingNode)
                && !(node instanceof SequenceNode)
                && yaml.value(node).isEmpty();
    }

    private void sayThatItIsNone(String key, Entry entry) {
        if (WITHOUT_EFFECT.contains(key)) {
            names.note(entry.key(), "'" + key + "' changes nothing: masks take no memory here");
        } else if (Names.anywhere(key).isPresent()) {
            names.note(entry.key(), "'" + key + "' changes nothing with " + method.name());
        } else {
            List<String> known =
                    method.parameters().stream().map(Parameter::name).toList();
            names.refuse(
                    entry.key(),
                    method.name() + " has no parameter '" + key + "'" + names.nearest(key, known)
                            + (known.isEmpty() ? "" : ": " + String.join(", ", known)));
        }
    }

    private Setting setting(Parameter parameter, Node node, int depth) {
        if (depth > DEEPEST) {
            throw yaml.wrong(node, "'" + parameter.name() + "' is nested too deeply");
        }
        if (node instanceof MappingNode) {
            Map<String, Entry> keys = yaml.mapping(node, parameter.name());
            if (keys.containsKey("search")) {
                return range(parameter, node, keys);
            }
            return new Conditions(List.of(condition(parameter, node, depth)));
        }
        if (!(node instanceof SequenceNode)) {
            return new Constant(value(parameter, node));
        }
        List<Node> elements = yaml.list(node, parameter.name());
        if (elements.isEmpty()) {
            return new Conditions(List.of());
        }
        if (elements.get(0) instanceof MappingNode) {
            List<Condition> conditions = new ArrayList<>();
            for (Node element : elements) {
                conditions.add(condition(parameter, element, depth));
            }
            return new Conditions(conditions);
        }
        List<Object> values = new ArrayList<>();
        for (Node element : elements) {
            values.add(value(parameter, element));
        }
        if (values.stream().map(Object::getClass).distinct().count() > 1) {
            throw yaml.wrong(node, "'" + parameter.name() + "' should be numbers or words, not both");
        }
        return values.stream().allMatch(Double.class::isInstance)
                ? new Gradient(values.stream().map(Double.class::cast).toList())
                : new Words(values.stream().map(String::valueOf).toList());
    }

    /** What a search is to find. */
    private Setting range(Parameter parameter, Node node, Map<String, Entry> keys) {
        names.check(keys, Set.of("search"), "a value to search");
        Node search = keys.get("search").value();
        chain.searches(node);
        Map<String, Entry> ends = yaml.mapping(search, "search");
        names.check(ends, Set.of("low", "high", "start"), "search");
        if (parameter.flag() || !parameter.choices().isEmpty()) {
            throw yaml.wrong(node, "'" + parameter.name() + "' is no number, so it cannot be searched");
        }
        if (!ends.containsKey("low") || !ends.containsKey("high")) {
            throw yaml.wrong(search, "search should have low and high");
        }
        double low = end(parameter, ends.get("low").value());
        double high = end(parameter, ends.get("high").value());
        double start =
                ends.containsKey("start") ? end(parameter, ends.get("start").value()) : low / 2 + high / 2;
        try {
            return new Setting.Range(low, high, start);
        } catch (IllegalArgumentException e) {
            throw yaml.wrong(search, e.getMessage());
        }
    }

    private double end(Parameter parameter, Node node) {
        if (!(yaml.value(node).orElse("nothing") instanceof Double number)) {
            throw yaml.wrong(node, "search should go from a number to a number");
        }
        if (!parameter.allows(number)) {
            throw yaml.wrong(node, outOfRange(parameter, number));
        }
        return number;
    }

    private static String outOfRange(Parameter parameter, double number) {
        return "'" + parameter.name() + "' should be between " + parameter.least() + " and " + parameter.most()
                + " but got " + number;
    }

    /** Whether it is a density above 1, which mergekit takes for 1. */
    private static boolean isAsOne(Parameter parameter, double number) {
        return parameter.name().equals("density") && number > 1;
    }

    private Condition condition(Parameter parameter, Node node, int depth) {
        Map<String, Entry> keys = yaml.mapping(node, "a condition");
        names.check(keys, Set.of("filter", "value"), "a condition");
        if (!keys.containsKey("value")) {
            throw yaml.wrong(node, "value is missing");
        }
        Optional<String> filter = Optional.ofNullable(keys.get("filter"))
                .filter(entry -> !yamlIsNull(entry.value()))
                .map(entry -> yaml.text(entry.value(), "filter"));
        return new Condition(filter, setting(parameter, keys.get("value").value(), depth + 1));
    }

    private Object value(Parameter parameter, Node node) {
        Object value = yaml.value(node).orElseThrow(() -> yaml.wrong(node, "'" + parameter.name() + "' has no value"));
        if (value instanceof Double number && !parameter.allows(number) && !isAsOne(parameter, number)) {
            throw yaml.wrong(node, outOfRange(parameter, number));
        }
        if (value instanceof String word && !parameter.choices().contains(word)) {
            throw yaml.wrong(
                    node,
                    "'" + parameter.name() + "' should be "
                            + (parameter.choices().isEmpty() ? "a number" : String.join(", ", parameter.choices()))
                            + " but got '" + word + "'");
        }
        return value;
    }
}
