package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.error.SoupException;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.plan.ModelFinder;
import dev.stockpot.text.Nearest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** How recipes are read, and where their models are. */
public final class ModelOptions {
    @Option(
            names = "--models-dir",
            paramLabel = "DIR",
            description = "Where to look for a recipe's models that are neither in the working directory nor beside the"
                    + " recipe.")
    private Path modelsDir;

    @Option(
            names = "--model",
            paramLabel = "NAME=PATH",
            description = "The path of the model that a recipe calls NAME. Repeatable.")
    private Map<String, Path> named = new LinkedHashMap<>();

    @Option(names = "--seed", paramLabel = "N", description = "Seed of random masks (default: the recipe's, or 0).")
    private Long seed;

    @Option(
            names = "--lenient",
            description = "Note unknown keys of a recipe instead of refusing them; mergekit ignores them.")
    private boolean lenient;

    @Option(names = "--no-hash", description = "Find models by name, whatever SHA-256 the recipe gives.")
    private boolean noHash;

    /** The recipes of a file, the last of which makes the output. */
    public List<Recipe> read(Path file, Consumer<String> notes, Consumer<String> warnings) {
        return RecipeFile.read(file, lenient, notes, warnings);
    }

    /** A failure to plan the recipes of a file, which names it. */
    public SoupException of(Path file, SoupException failure) {
        return RecipeFile.of(file, failure);
    }

    /** Recipes with the seed, if one is given. */
    public List<Recipe> seeded(List<Recipe> recipes) {
        List<Recipe> seeded = new ArrayList<>();
        for (Recipe recipe : recipes) {
            seeded.add(seed == null ? recipe : recipe.with(recipe.provenance().withSeed(seed)));
        }
        return seeded;
    }

    /** The seed of a recipe's own, or of a search. */
    public long seed() {
        return seed == null ? 0 : seed;
    }

    /** Says where a model is. */
    void name(String name, Path path) {
        named.put(name, path);
    }

    /** How the models are opened: as the recipes say, unless options do. */
    public OpenOptions open(OpenOptions given, List<Recipe> recipes) {
        return given.equals(OpenOptions.defaults())
                ? recipes.get(recipes.size() - 1).provenance().opened()
                : given;
    }

    /** Notes the models that were named for nothing, once recipes have opened theirs. */
    public static void noteUnused(ModelFinder finder, List<Recipe> recipes, Consumer<String> notes) {
        List<String> known = recipes.stream()
                .flatMap(recipe -> recipe.uses().stream())
                .distinct()
                .toList();
        for (String name : finder.unused()) {
            notes.accept("--model " + name + "=... changes nothing: no model of the recipe has that name"
                    + Nearest.to(name, known)
                            .map(other -> "; did you mean '" + other + "'?")
                            .orElse(""));
        }
    }

    /**
     * Finds the models of recipes.
     *
     * @param file the recipes' file, if they are in one
     */
    public ModelFinder models(Optional<Path> file, OpenOptions open, List<Recipe> recipes) {
        Optional<Path> beside = file.map(path -> path.toAbsolutePath().getParent());
        return new ModelFinder(beside, Optional.ofNullable(modelsDir), named, open).knowing(recipes, !noHash);
    }
}
