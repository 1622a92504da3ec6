package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Recipe.Slice;
import dev.stockpot.soup.mixture.TiedModels;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The models of a recipe, with the names that the output has for tensors that are tied. */
final class RecipeModels {
    private final Function<String, Checkpoint> models;
    private final TiedModels tied;
    private final Map<Checkpoint, Checkpoint> alike = new IdentityHashMap<>();

    private RecipeModels(Function<String, Checkpoint> models, List<Checkpoint> opened) {
        this.models = models;
        this.tied = TiedModels.of(opened);
        for (int k = 0; k < opened.size(); k++) {
            alike.put(opened.get(k), tied.models().get(k));
        }
    }

    /** @param opener opens a model by its name */
    static RecipeModels of(Recipe recipe, Function<String, Checkpoint> opener) {
        Map<String, Checkpoint> once = new HashMap<>();
        Function<String, Checkpoint> models = name -> once.computeIfAbsent(name, opener);
        // First the one whose names the output has.
        Set<Checkpoint> opened = new LinkedHashSet<>();
        if (recipe.slices().isEmpty()) {
            recipe.base().ifPresent(base -> opened.add(models.apply(base)));
        }
        for (Slice slice : recipe.asSlices()) {
            slice.sources().forEach(source -> opened.add(models.apply(source.model())));
            slice.base().ifPresent(base -> opened.add(models.apply(base)));
        }
        recipe.base().ifPresent(base -> opened.add(models.apply(base)));
        return new RecipeModels(models, List.copyOf(opened));
    }

    Checkpoint open(String name) {
        return alike.get(models.apply(name));
    }

    /** Tensors of the output that are tied to others, and those. */
    Map<String, String> ties() {
        return tied.ties();
    }

    /** What was done, for the user. */
    List<String> notes() {
        return tied.notes();
    }
}
