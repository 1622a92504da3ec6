package dev.stockpot.recipe.yaml;

import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.recipe.yaml.Yaml.Entry;
import java.util.Collection;
import java.util.Locale;
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
    void check(Map<String, Entry> keys, Collection<String> known, String what, MergeMethod method) {
        keys.forEach((key, entry) -> {
            if (!known.contains(key)) {
                String instead =
                        isParameter(key) ? ": it is a parameter, and belongs under 'parameters'" : nearest(key, known);
                refuse(entry.key(), what + " has no '" + key + "'" + instead);
            }
        });
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
        String best = null;
        int least = Math.max(2, name.length() / 3) + 1;
        for (String other : known) {
            int distance = distance(name.toLowerCase(Locale.ROOT), other);
            if (distance < least) {
                least = distance;
                best = other;
            }
        }
        return best == null ? "" : "; did you mean '" + best + "'?";
    }

    /** How many letters must be put in, left out, replaced, or exchanged with the next (Damerau-Levenshtein, restricted). */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int replaced = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(d[i - 1][j - 1] + replaced, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
