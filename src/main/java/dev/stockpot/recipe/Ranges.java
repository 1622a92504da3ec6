package dev.stockpot.recipe;

import dev.stockpot.recipe.Recipe.Slice;
import dev.stockpot.recipe.Recipe.Source;
import dev.stockpot.recipe.Setting.Condition;
import dev.stockpot.recipe.Setting.Conditions;
import dev.stockpot.recipe.Setting.Constant;
import dev.stockpot.recipe.Setting.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** The values that a recipe leaves to a search, in an order that is the same in every run. */
public final class Ranges {
    private Ranges() {}

    /**
     * One of them.
     *
     * @param name of the parameter, with the model, slice or filter that it is of, such as {@code weight of math}
     */
    public record Named(String name, Range range) {}

    /** All, in order: those of models, of slices, of the module, of the recipe. */
    public static List<Named> of(Recipe recipe) {
        List<Named> found = new ArrayList<>();
        map(recipe, (name, range) -> {
            found.add(new Named(name, range));
            return range;
        });
        return List.copyOf(found);
    }

    /**
     * The recipe with a value for each, in their order.
     *
     * @throws IllegalArgumentException if there are not as many
     */
    public static Recipe with(Recipe recipe, double... values) {
        int[] next = new int[1];
        if (of(recipe).size() != values.length) {
            throw new IllegalArgumentException(
                    "there should be " + of(recipe).size() + " values but got " + values.length);
        }
        return map(recipe, (name, range) -> new Constant(values[next[0]++]));
    }

    private static Recipe map(Recipe recipe, BiFunction<String, Range, Setting> change) {
        List<Source> models = sources(recipe.models(), "", change);
        List<Slice> slices = new ArrayList<>();
        for (int k = 0; k < recipe.slices().size(); k++) {
            Slice slice = recipe.slices().get(k);
            String where = " in slice " + (k + 1);
            List<Source> sources = sources(slice.sources(), where, change);
            slices.add(new Slice(sources, slice.base(), settings(slice.parameters(), where, change)));
        }
        Map<String, Setting> module = settings(recipe.module(), " of the module", change);
        return new Recipe(
                recipe.name(),
                recipe.method(),
                recipe.base(),
                models,
                slices,
                module,
                settings(recipe.parameters(), "", change),
                recipe.dtype(),
                recipe.provenance());
    }

    private static List<Source> sources(List<Source> sources, String where, BiFunction<String, Range, Setting> change) {
        List<Source> changed = new ArrayList<>();
        for (Source source : sources) {
            Map<String, Setting> own = settings(source.parameters(), " of " + source.model() + where, change);
            changed.add(new Source(source.model(), source.layers(), own));
        }
        return changed;
    }

    private static Map<String, Setting> settings(
            Map<String, Setting> settings, String where, BiFunction<String, Range, Setting> change) {
        Map<String, Setting> changed = new TreeMap<>();
        for (Map.Entry<String, Setting> entry : new TreeMap<>(settings).entrySet()) {
            changed.put(entry.getKey(), setting(entry.getKey() + where, entry.getValue(), change));
        }
        return changed;
    }

    private static Setting setting(String name, Setting setting, BiFunction<String, Range, Setting> change) {
        if (setting instanceof Range range) {
            return change.apply(name, range);
        }
        if (!(setting instanceof Conditions all)) {
            return setting;
        }
        List<Condition> conditions = new ArrayList<>();
        for (Condition condition : all.conditions()) {
            Optional<String> filter = condition.filter();
            String own = name + filter.map(part -> " for " + part).orElse("");
            conditions.add(new Condition(filter, setting(own, condition.value(), change)));
        }
        return new Conditions(conditions);
    }
}
