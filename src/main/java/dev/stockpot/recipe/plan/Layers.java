package dev.stockpot.recipe.plan;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.recipe.Recipe.Source;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The numbered layers of a model, read off its tensors' names: the number after the first of the usual names of stacks, or after
 * the one name that has numbers.
 */
public final class Layers {
    /** What stands before a layer's number in the models of the field. */
    private static final List<String> STACKS = List.of(
            "model.layers.",
            "model.language_model.layers.",
            "language_model.model.layers.",
            "transformer.h.",
            "gpt_neox.layers.",
            "backbone.layers.",
            "transformer.layers.",
            "transformer.encoder.layers.",
            "model.decoder.layers.",
            "bert.encoder.layer.",
            "roberta.encoder.layer.",
            "distilbert.transformer.layer.",
            "encoder.layer.",
            "encoder.layers.",
            "encoder.block.",
            "decoder.layers.",
            "decoder.block.",
            "visual.blocks.",
            "model.visual.blocks.",
            "blocks.",
            "layers.",
            "h.");

    private static final List<String> AFTER = List.of(
            "lm_head.",
            "embed_out.",
            "output.",
            "score.",
            "classifier.",
            "pooler.",
            "cls.predictions.",
            "vocab_",
            "output_layer.",
            "norm.",
            "norm_f.",
            "ln_f.",
            "final_layernorm.",
            "final_layer_norm.");

    private final Map<String, Integer> stacks;

    private Layers(Map<String, Integer> stacks) {
        this.stacks = stacks;
    }

    /** The stacks that the names of a model's tensors show. */
    public static Layers of(Set<String> names) {
        Map<String, Integer> known = new LinkedHashMap<>();
        Map<String, Integer> others = new LinkedHashMap<>();
        for (String name : names) {
            boolean found = false;
            for (String stack : STACKS) {
                if (name.startsWith(stack)) {
                    int number = number(name, stack.length());
                    if (number >= 0) {
                        known.merge(stack, number + 1, Math::max);
                        found = true;
                        break;
                    }
                }
            }
            int at = found ? -1 : firstNumber(name);
            if (at >= 0) {
                others.merge(name.substring(0, at), number(name, at) + 1, Math::max);
            }
        }
        boolean one = known.isEmpty() && others.size() == 1;
        return new Layers(one ? others : known);
    }

    /**
     * The one stack that slices of a model are taken from.
     *
     * @throws SoupException if there is none or several, or the range ends beyond it
     */
    static Layers ofOneStack(Source source, Checkpoint model) {
        Layers layersOf = of(model.tensors().keySet());
        if (layersOf.stacks().size() != 1) {
            throw new SoupException(
                    Reason.METHOD,
                    "model " + source.model() + " has "
                            + (layersOf.stacks().isEmpty()
                                    ? "no numbered layers"
                                    : "several stacks of layers, " + String.join(" and ", layersOf.stacks()))
                            + ": slices need one stack",
                    Details.of().file(model.path()));
        }
        int count = layersOf.count(layersOf.stacks().iterator().next());
        int to = source.layers().orElseThrow().to();
        if (to > count) {
            throw new SoupException(
                    Reason.METHOD,
                    "model " + source.model() + " has " + count + " layers but layer_range ends at " + to,
                    Details.of().file(model.path()).number("layers", count));
        }
        return layersOf;
    }

    /** The place of the first number between two dots; -1 if there is none. */
    private static int firstNumber(String name) {
        for (int at = name.indexOf('.') + 1; at > 0; at = name.indexOf('.', at) + 1) {
            if (number(name, at) >= 0) {
                return at;
            }
        }
        return -1;
    }

    /** The number at a place, if a dot follows it; else -1. */
    private static int number(String name, int at) {
        int end = at;
        while (end < name.length() && end < at + 6 && Character.isDigit(name.charAt(end))) {
            end++;
        }
        boolean isNumber = end > at && end < name.length() && name.charAt(end) == '.';
        return isNumber ? Integer.parseInt(name.substring(at, end)) : -1;
    }

    /** A tensor's layer: the name before the number, the number, and the name after it. */
    public record Layer(String stack, int number, String rest) {
        String name(int other) {
            return stack + other + rest;
        }
    }

    /** The layer that a tensor is in. */
    public Optional<Layer> of(String name) {
        for (String stack : stacks.keySet()) {
            int number = name.startsWith(stack) ? number(name, stack.length()) : -1;
            if (number >= 0) {
                return Optional.of(new Layer(
                        stack,
                        number,
                        name.substring(stack.length() + String.valueOf(number).length())));
            }
        }
        return Optional.empty();
    }

    /** The names of the stacks. */
    Set<String> stacks() {
        return new HashSet<>(stacks.keySet());
    }

    /** How many layers a stack has. */
    int count(String stack) {
        return stacks.get(stack);
    }

    /** Whether a tensor outside of layers comes after them: a head or the last norm. */
    static boolean isAfter(String name) {
        for (String part : AFTER) {
            if (name.startsWith(part) || name.contains("." + part)) {
                return true;
            }
        }
        return false;
    }
}
