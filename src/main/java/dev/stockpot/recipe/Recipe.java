package dev.stockpot.recipe;

import dev.stockpot.tensor.DType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One merge, as mergekit's YAML describes it: the method, the models or slices of them, and the parameters.
 *
 * @param name what other recipes of the same file call its result
 * @param method the merge method's name, such as {@code ties}; docs/merging.md lists them
 * @param base the model that deltas are taken from, or whose configuration goes with the output
 * @param models the models to merge as a whole; empty if there are slices
 * @param slices the output's layers, in order; empty if whole models are merged
 * @param module the parameters of the one module, if recipes name it
 * @param parameters for all tensors and models
 * @param dtype the output's float type; empty for the models' own
 * @param provenance what the same output depends on besides
 */
public record Recipe(
        Optional<String> name,
        String method,
        Optional<String> base,
        List<Source> models,
        List<Slice> slices,
        Map<String, Setting> module,
        Map<String, Setting> parameters,
        Optional<DType> dtype,
        Provenance provenance) {
    /**
     * A recipe with nothing besides mergekit's language.
     *
     * @throws IllegalArgumentException if it has both models and slices or neither
     */
    public Recipe(
            Optional<String> name,
            String method,
            Optional<String> base,
            List<Source> models,
            List<Slice> slices,
            Map<String, Setting> module,
            Map<String, Setting> parameters,
            Optional<DType> dtype) {
        this(name, method, base, models, slices, module, parameters, dtype, Provenance.NONE);
    }

    /**
     * A recipe has whole models or slices.
     *
     * @throws IllegalArgumentException if it has both or neither
     */
    public Recipe {
        models = List.copyOf(models);
        slices = List.copyOf(slices);
        module = Map.copyOf(module);
        parameters = Map.copyOf(parameters);
        if (models.isEmpty() == slices.isEmpty()) {
            throw new IllegalArgumentException("a recipe should have models or slices");
        }
    }

    /**
     * A model that takes part.
     *
     * @param model its name
     * @param layers which of its layers; empty for all
     * @param parameters of its own
     */
    public record Source(String model, Optional<LayerRange> layers, Map<String, Setting> parameters) {
        /** Its parameters are copied. */
        public Source {
            parameters = Map.copyOf(parameters);
        }

        /** A whole model with the recipe's parameters. */
        public static Source of(String model) {
            return new Source(model, Optional.empty(), Map.of());
        }
    }

    /**
     * Layers of the output, made of as many of each source.
     *
     * @param sources each with a range of layers, all of the same length
     * @param base the model that deltas are taken from here, if it is another
     */
    public record Slice(List<Source> sources, Optional<String> base, Map<String, Setting> parameters) {
        /** Its sources and parameters are copied. */
        public Slice {
            sources = List.copyOf(sources);
            parameters = Map.copyOf(parameters);
        }
    }

    /**
     * Layers from the first, counted from 0, up to but without the last.
     *
     * @param from at least 0
     * @param to at least {@code from}, and at most the number of the model's layers
     */
    public record LayerRange(int from, int to) {
        public int length() {
            return to - from;
        }
    }

    /** A merge of whole models, of their own type. */
    public static Recipe of(
            String method, Optional<String> base, List<Source> models, Map<String, Setting> parameters) {
        return new Recipe(Optional.empty(), method, base, models, List.of(), Map.of(), parameters, Optional.empty());
    }

    /** The same with another output type. */
    public Recipe withDType(DType output) {
        return new Recipe(name, method, base, models, slices, module, parameters, Optional.of(output), provenance);
    }

    /** The same with other things besides. */
    public Recipe with(Provenance other) {
        return new Recipe(name, method, base, models, slices, module, parameters, dtype, other);
    }

    /** The names of all models that it uses, each once: the base first, then the others in order. */
    public List<String> uses() {
        Set<String> names = new LinkedHashSet<>();
        base.ifPresent(names::add);
        for (Slice slice : asSlices()) {
            slice.base().ifPresent(names::add);
            slice.sources().forEach(source -> names.add(source.model()));
        }
        return List.copyOf(names);
    }

    /** The slices; whole models are one. */
    public List<Slice> asSlices() {
        return slices.isEmpty() ? List.of(new Slice(models, Optional.empty(), Map.of())) : slices;
    }
}
