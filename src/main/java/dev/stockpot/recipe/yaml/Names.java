package dev.stockpot.recipe.yaml;

import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.recipe.yaml.Yaml.Entry;
import dev.stockpot.text.Nearest;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.yaml.snakeyaml.nodes.Node;

/** What is said of keys that are not obeyed: notes on those that change nothing, mistakes in others. */
final class Names {
    private final Yaml yaml;
    private final boolean lenient;
    private final Consumer<String> notes;

    Names(Yaml yaml, boolean lenient, Consumer<String> notes) {
        this.yaml = yaml;
        this.lenient = lenient;
        this.notes = notes;
    }

    /** Says something about a key that changes nothing. */
    void note(Node at, String message) {
        notes.accept(yaml.place(at) + message);
    }

    /** A mistake; a note if the reader is lenient. */
    void refuse(Node at, String message) {
        if (!lenient) {
            throw yaml.wrong(at, message);
        }
        note(at, message);
    }

    /** Refuses keys that are not known here. */
    void check(Map<String, Entry> keys, Collection<String> known, String what) {
        keys.forEach((key, entry) -> {
            if (!known.contains(key)) {
                String instead =
                        isParameter(key) ? ": it is a parameter, and belongs under 'parameters'" : nearest(key, known);
                refuse(entry.key(), what + " has no '" + key + "'" + instead);
            }
        });
    }

    /** The same at the top, where some recipes have keys of their own, only to give values names by anchors. */
    void checkTop(Map<String, Entry> keys, Collection<String> known, String what) {
        Map<String, Entry> others = new LinkedHashMap<>(keys);
        others.entrySet()
                .removeIf(entry -> entry.getValue().value().getAnchor() != null
                        && !isParameter(entry.getKey())
                        && Nearest.to(entry.getKey(), known).isEmpty());
        check(others, known, what);
    }

    private static boolean isParameter(String key) {
        return anywhere(key).isPresent();
    }

    /** A parameter of that name, of any method. */
    static Optional<Parameter> anywhere(String name) {
        for (String method : MergeMethods.names()) {
            for (Parameter parameter : MergeMethods.named(method).orElseThrow().parameters()) {
                if (parameter.name().equals(name)) {
                    return Optional.of(parameter);
                }
            }
        }
        return Optional.empty();
    }

    /** The one that is spelled most alike, as the end of a sentence; nothing if none is. */
    String nearest(String name, Collection<String> known) {
        return Nearest.to(name, known)
                .map(other -> "; did you mean '" + other + "'?")
                .orElse("");
    }
}
