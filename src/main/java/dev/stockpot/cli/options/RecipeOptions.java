package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.yaml.RecipeWriter;
import dev.stockpot.run.Run;
import dev.stockpot.soup.HashedRecipe;
import dev.stockpot.soup.Soup;
import dev.stockpot.system.TextOutput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The recipe that makes an output again: what it says, and where else it is written than with the output. */
public final class RecipeOptions {
    @Option(
            names = "--recipe",
            paramLabel = "FILE",
            description = "Also write the recipe that makes this output again to FILE; merge reads it.")
    private Path file;

    @Option(
            names = "--hash",
            description = "Record the ingredients' SHA-256 in the recipe, so that merge finds them under other names."
                    + " Takes longer.")
    private boolean hash;

    private Optional<TextOutput> target = Optional.empty();
    private List<Recipe> recipes = List.of();
    private Map<String, String> paths = Map.of();
    private Optional<HashedRecipe> hashed = Optional.empty();

    /** Whether models' hashes are wanted. */
    public boolean hash() {
        return hash;
    }

    /** Checks that the file may be written, before the run. */
    public void check(OutputOptions output, List<Checkpoint> ingredients) {
        if (file != null) {
            List<Path> others = new ArrayList<>(List.of(output.out()));
            ingredients.forEach(ingredient -> ingredient.files().forEach(one -> others.add(one.file())));
            target = Optional.of(TextOutput.of(file, output.force(), others));
        }
    }

    /**
     * Gives a soup's recipe to the options that it is written with; a plain one is the soup's own affair.
     *
     * @param opened how its ingredients were opened
     */
    public void add(Soup soup, OpenOptions opened, WriteOptions.Builder options, Run run) throws InterruptedException {
        if (file == null && !hash && opened.equals(OpenOptions.defaults())) {
            return;
        }
        Optional<Recipe> own = soup.asRecipe();
        if (own.isEmpty()) {
            run.listener()
                    .warning(
                            "no recipe is written: more went into the soup than the ingredients' files, so none makes it"
                                    + " again");
            return;
        }
        Map<String, Checkpoint> models = new LinkedHashMap<>();
        for (int k = 0; k < soup.ingredients().size(); k++) {
            models.put(own.get().models().get(k).model(), soup.ingredients().get(k));
        }
        add(List.of(own.get()), models, opened, options, run);
    }

    /**
     * The same for recipes, the last of which makes the output.
     *
     * @param models by their names in the recipes
     */
    public void add(
            List<Recipe> all, Map<String, Checkpoint> models, OpenOptions opened, WriteOptions.Builder options, Run run)
            throws InterruptedException {
        List<Recipe> made = new ArrayList<>(all);
        int last = made.size() - 1;
        Recipe recipe = made.get(last)
                .with(made.get(last).provenance().withOpened(opened).withPaths(Map.of()));
        made.set(last, recipe);
        recipes = made;
        Map<String, Checkpoint> parts = parts(models);
        hashed = hash ? Optional.of(HashedRecipe.of(made, parts)) : Optional.empty();
        paths = new LinkedHashMap<>();
        parts.forEach((name, model) -> {
            // Wherever the recipe is read from.
            paths.put(name, model.path().toAbsolutePath().normalize().toString());
        });
        String text = hashed.isPresent() ? hashed.get().draft() : RecipeWriter.text(made);
        if (!RecipeWriter.isReadable(text)) {
            run.listener().warning("no recipe is written: with so many coefficients it would be too long to be read");
            recipes = List.of();
        } else if (hashed.isPresent()) {
            options.recipe(hashed.get());
        } else {
            options.recipe(text);
        }
    }

    /** A base and its adapter, named {@code BASE+ADAPTER}, are found each on its own. */
    private static Map<String, Checkpoint> parts(Map<String, Checkpoint> models) {
        Map<String, Checkpoint> parts = new LinkedHashMap<>();
        models.forEach((name, model) -> {
            String[] names = name.split("\\+");
            if (names.length != model.parts().size()) {
                parts.put(name, model);
                return;
            }
            for (int k = 0; k < names.length; k++) {
                parts.put(names[k], model.parts().get(k));
            }
        });
        return parts;
    }

    /** Writes the file, if one is wanted, once the output is there; it also says where the models were. */
    public void write() throws InterruptedException {
        if (target.isPresent() && !recipes.isEmpty()) {
            List<Recipe> all = new ArrayList<>(hashed.isPresent() ? hashed.get().recipes() : recipes);
            int last = all.size() - 1;
            all.set(last, all.get(last).with(all.get(last).provenance().withPaths(paths)));
            target.get().write(RecipeWriter.text(all));
        }
    }
}
