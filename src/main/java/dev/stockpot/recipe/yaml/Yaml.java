package dev.stockpot.recipe.yaml;

import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A YAML 1.1 file as nodes that know where they stand. Nothing is constructed of tags, and what aliases stand for is bounded: an
 * expansion may have as many nodes as a long recipe, and no more.
 */
final class Yaml {
    private static final int MOST_CHARACTERS = RecipeReader.LARGEST;
    /** Scalars, and beginnings and ends of lists and mappings: what bounds the heap that nodes take. */
    private static final int MOST_EVENTS = RecipeReader.MOST_ENTRIES;

    private static final int MOST_NODES = RecipeReader.MOST_ENTRIES;
    private static final int DEEPEST = 32;
    private static final int MOST_ALIASES = 200;

    private final Path file;
    private final Consumer<String> warnings;
    private int visited;
    private int merging;

    Yaml(Path file, Consumer<String> warnings) {
        this.file = file;
        this.warnings = warnings;
    }

    /** The documents that are not empty. */
    List<Node> documents(String text) {
        LoaderOptions limits = new LoaderOptions();
        limits.setCodePointLimit(MOST_CHARACTERS);
        limits.setNestingDepthLimit(DEEPEST);
        limits.setMaxAliasesForCollections(MOST_ALIASES);
        limits.setAllowRecursiveKeys(false);
        List<Node> documents = new ArrayList<>();
        try {
            int events = 0;
            for (Event event : new org.yaml.snakeyaml.Yaml(limits).parse(new StringReader(text))) {
                events++;
                if (events > MOST_EVENTS) {
                    throw wrong(event.getStartMark(), "the recipe has more than " + MOST_EVENTS + " entries");
                }
            }
            for (Node node : new org.yaml.snakeyaml.Yaml(limits).composeAll(new StringReader(text))) {
                if (node != null && !Tag.NULL.equals(node.getTag())) {
                    documents.add(node);
                }
            }
        } catch (MarkedYAMLException e) {
            throw wrong(e.getProblemMark(), e.getProblem() == null ? e.getMessage() : e.getProblem());
        } catch (YAMLException | IllegalArgumentException e) {
            // The latter of an escape that names no character.
            throw new SoupException(
                    Reason.RECIPE,
                    file + ": " + e.getMessage(),
                    Details.of().file(file).cause(e));
        }
        return documents;
    }

    /** The exception for a mistake. */
    SoupException wrong(Node node, String message) {
        return wrong(node.getStartMark(), message);
    }

    private SoupException wrong(Mark mark, String message) {
        return new SoupException(
                Reason.RECIPE, place(mark) + message, Details.of().file(file));
    }

    /** Says something about a node that is no mistake. */
    void warn(Node node, String message) {
        warnings.accept(place(node.getStartMark()) + message);
    }

    private String place(Mark mark) {
        return mark == null
                ? file + ": "
                : file + ", line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1) + ": ";
    }

    /** The line in which a node begins, from 1. */
    static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    /** Where a node stands, as the beginning of a sentence. */
    String place(Node node) {
        return place(node.getStartMark());
    }

    /** A key and its value. */
    record Entry(Node key, Node value) {}

    /** A mapping's entries by key, those of {@code <<} included; of equal keys the last one counts. */
    Map<String, Entry> mapping(Node node, String what) {
        if (!(node instanceof MappingNode mapping)) {
            throw wrong(node, what + " should be a mapping of keys to values");
        }
        Map<String, Entry> merged = new LinkedHashMap<>();
        Map<String, Entry> own = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            count(node);
            String key = text(tuple.getKeyNode(), "a key");
            if (key.equals("<<")) {
                merge(tuple.getValueNode(), merged);
            } else if (own.put(key, new Entry(tuple.getKeyNode(), tuple.getValueNode())) != null) {
                warn(tuple.getKeyNode(), "'" + key + "' is given twice; the last value counts");
            }
        }
        Map<String, Entry> all = new LinkedHashMap<>(merged);
        all.putAll(own);
        return all;
    }

    /** The entries that have a value: mergekit takes a key with none for one that is not there. */
    static Map<String, Entry> given(Map<String, Entry> keys) {
        Map<String, Entry> given = new LinkedHashMap<>(keys);
        given.values().removeIf(entry -> Tag.NULL.equals(entry.value().getTag()));
        return given;
    }

    private void merge(Node node, Map<String, Entry> into) {
        merging++;
        if (merging > DEEPEST) {
            throw wrong(node, "<< merges more deeply than " + DEEPEST + " times");
        }
        if (node instanceof SequenceNode sequence) {
            // Earlier ones go before later ones.
            for (Node one : sequence.getValue()) {
                mapping(one, "what << merges").forEach(into::putIfAbsent);
            }
        } else {
            mapping(node, "what << merges").forEach(into::putIfAbsent);
        }
        merging--;
    }

    /** A list's elements. */
    List<Node> list(Node node, String what) {
        if (!(node instanceof SequenceNode sequence)) {
            throw wrong(node, what + " should be a list");
        }
        sequence.getValue().forEach(this::count);
        return sequence.getValue();
    }

    private void count(Node node) {
        visited++;
        if (visited > MOST_NODES) {
            throw wrong(node, "the recipe has more than " + MOST_NODES + " entries, aliases written out");
        }
    }

    /** A scalar's text. */
    String text(Node node, String what) {
        if (!(node instanceof ScalarNode scalar)) {
            throw wrong(node, what + " should be a name or number");
        }
        return scalar.getValue();
    }

    /** A scalar as a number, 1 for true, 0 for false, or else its text; empty for null. */
    Optional<Object> value(Node node) {
        String text = text(node, "a value");
        if (Tag.NULL.equals(node.getTag())) {
            return Optional.empty();
        }
        if (Tag.BOOL.equals(node.getTag())) {
            return Optional.of(List.of("true", "yes", "on").contains(text.toLowerCase(Locale.ROOT)) ? 1.0 : 0.0);
        }
        return Optional.of(number(text).<Object>map(x -> x).orElse(text));
    }

    private static Optional<Double> number(String text) {
        try {
            // YAML 1.1 takes 1e-4 for text, mergekit for a number; both allow 1_000.
            double value = Double.parseDouble(text.replace("_", ""));
            // Java also takes 1d and 0x1p3.
            boolean number = Double.isFinite(value) && text.matches("[-+]?[0-9._]+([eE][-+]?[0-9]+)?");
            return number ? Optional.of(value) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
