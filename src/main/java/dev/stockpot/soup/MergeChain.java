package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.write.CheckpointWriter;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.merge.FactListener;
import dev.stockpot.recipe.Ranges;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.plan.ModelFinder;
import dev.stockpot.recipe.yaml.RecipeReader;
import dev.stockpot.recipe.yaml.RecipeWriter;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.system.ScratchFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Merges of which later ones use earlier ones' results by their names; the last one makes the output. Making a chain opens the
 * models and checks every recipe, but reads no values. Immutable.
 *
 * <p>Results in between are written to a scratch folder beside the output, as the same merges one by one would write them: a
 * method may read a model several times, and a value that is used again has been rounded to its recipe's type.
 */
public final class MergeChain {
    private final List<Recipe> recipes;
    private final Function<String, Checkpoint> models;
    private final List<MergedModel> planned = new ArrayList<>();
    /** The models that are files already, by name, in the order in which they are first used. */
    private final Map<String, Checkpoint> ingredients = new LinkedHashMap<>();

    private MergeChain(List<Recipe> recipes, Function<String, Checkpoint> models, boolean searches) {
        this.recipes = recipes;
        this.models = models;
        Map<String, Checkpoint> results = new HashMap<>();
        for (Recipe recipe : recipes) {
            checkFound(recipe, recipe == recipes.get(recipes.size() - 1) && searches);
            MergedModel model = merged(recipe, among(results, this::ingredient));
            planned.add(model);
            recipe.name().ifPresent(name -> results.put(name, StepResult.described(name, model)));
        }
    }

    /**
     * The merges that recipes describe.
     *
     * @param recipes in order; only those are merged that the last one needs
     * @param models opens a model that is no recipe's result by its name; the same one each time
     * @throws dev.stockpot.error.SoupException if models, tensors or parameters do not fit a method
     * @throws dev.stockpot.error.CheckpointException if a model cannot be opened
     * @throws IllegalArgumentException if there is no recipe
     */
    public static MergeChain of(List<Recipe> recipes, Function<String, Checkpoint> models) {
        if (recipes.isEmpty()) {
            throw new IllegalArgumentException("a chain should have at least one recipe");
        }
        return new MergeChain(needed(recipes), models, false);
    }

    /** The same, the last of which may leave values to a search. */
    static MergeChain toSearch(List<Recipe> recipes, Function<String, Checkpoint> models) {
        return new MergeChain(needed(recipes), models, true);
    }

    private static void checkFound(Recipe recipe, boolean searches) {
        List<Ranges.Named> open = Ranges.of(recipe);
        if (!searches && !open.isEmpty()) {
            throw new SoupException(
                    Reason.RECIPE,
                    "'" + open.get(0).name()
                            + "' is a range to be searched: a merge needs one value, and a search looks for"
                            + " those of the last recipe of a file");
        }
    }

    /**
     * The chain that a file in mergekit's YAML describes. Models are folders or files as the recipes name them, seen from the
     * working folder, from the file's own, or from {@code models}; nothing is downloaded.
     *
     * @param models a further folder to look in
     * @param listener receives what the recipes say that has no effect here
     * @throws SoupException if a recipe is wrong, with file, line and column, or does not fit its models
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read, or a model opened
     */
    public static MergeChain read(Path file, Optional<Path> models, RunListener listener) {
        List<Recipe> recipes = RecipeReader.read(file, false, listener::note, listener::warning);
        Optional<Path> beside = Optional.ofNullable(file.toAbsolutePath().getParent());
        ModelFinder finder = new ModelFinder(beside, models, Map.of(), OpenOptions.defaults()).knowing(recipes, true);
        return of(recipes, finder::open);
    }

    /** Recipes as a file in YAML, which {@link #read} reads. */
    public static String yaml(List<Recipe> recipes) {
        return RecipeWriter.text(recipes);
    }

    private static MergedModel merged(Recipe recipe, Function<String, Checkpoint> models) {
        return MergedModel.of(recipe, models);
    }

    /** Those that the last one needs. */
    private static List<Recipe> needed(List<Recipe> recipes) {
        List<Recipe> needed = new ArrayList<>();
        Set<String> used = new LinkedHashSet<>();
        for (int at = recipes.size() - 1; at >= 0; at--) {
            Recipe recipe = recipes.get(at);
            if (needed.isEmpty() || recipe.name().filter(used::remove).isPresent()) {
                needed.add(0, recipe);
                used.addAll(recipe.uses());
            }
        }
        return List.copyOf(needed);
    }

    private Checkpoint ingredient(String name) {
        Checkpoint model = models.apply(name);
        ingredients.put(name, model);
        return model;
    }

    private static Function<String, Checkpoint> among(
            Map<String, Checkpoint> results, Function<String, Checkpoint> others) {
        return name -> results.containsKey(name) ? results.get(name) : others.apply(name);
    }

    /** The recipes that are merged, in order; the last one makes the output. */
    public List<Recipe> recipes() {
        return recipes;
    }

    /** The merges in order. Only a first one, or one of models that are files already, can be written as it is here. */
    public List<MergedModel> planned() {
        return List.copyOf(planned);
    }

    /** The models that are files already, in the order in which they are first used. */
    public List<Checkpoint> ingredients() {
        return ingredients.values().stream().distinct().toList();
    }

    /** The same by their names in the recipes. */
    public Map<String, Checkpoint> models() {
        return Collections.unmodifiableMap(ingredients);
    }

    /**
     * Merges all, and writes the last one's result.
     *
     * @param out as for {@link Soup#write(Path)}
     * @param options of the output; the number of layers is the recipe's
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read or written, or there is no room for what is made
     *     in between; nothing is left behind
     * @throws InterruptedException if the thread is interrupted; nothing is left behind
     */
    public Checkpoint write(Path out, WriteOptions options, Run run) throws InterruptedException {
        return write(out, options, run, Optional.empty());
    }

    private Checkpoint write(Path out, WriteOptions options, Run run, Optional<FactListener> facts)
            throws InterruptedException {
        // Before the results in between are made.
        new CheckpointWriter(out, options, run.overwrite(), ingredients());
        WriteOptions all = options.recipe().isPresent()
                ? options
                : options.toBuilder().recipe(RecipeWriter.text(asRecipes())).build();
        return merge(out, StepResult.bytes(output()), run, models -> {
            MergedModel last = last(models);
            WriteOptions how = withLayers(all, last);
            return facts.isPresent() ? last.write(out, how, run, facts.get()) : last.write(out, how, run);
        });
    }

    /** The recipes that are merged, each with the seed that is used. */
    public List<Recipe> asRecipes() {
        return planned.stream().map(model -> model.asRecipe().orElseThrow()).toList();
    }

    /**
     * The same, which tells what the last merge's method found out about each tensor.
     *
     * @param facts called on the run's threads, one at a time
     */
    public Checkpoint write(Path out, WriteOptions options, Run run, FactListener facts) throws InterruptedException {
        return write(out, options, run, Optional.of(facts));
    }

    /**
     * Merges all, and compares the last one's result with an output instead of writing it: names, types, shapes, values.
     *
     * @return where they first differ; empty if they are the same
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read, or there is no room for what is made in between
     * @throws InterruptedException if the thread is interrupted
     */
    public Optional<OutputDifference> check(Checkpoint output, Run run) throws InterruptedException {
        return merge(output.path(), 0, run, models -> last(models).compare(output, run));
    }

    /** The last merge, of models that are there: planned anew only if they include what others have made meanwhile. */
    private MergedModel last(Function<String, Checkpoint> models) {
        return recipes.size() == 1 ? output() : merged(last(), models);
    }

    /** The recipe that makes the output. */
    public Recipe last() {
        return recipes.get(recipes.size() - 1);
    }

    /** The merge that makes the output, as planned; {@link #write} writes it. */
    public MergedModel output() {
        return planned.get(planned.size() - 1);
    }

    private static WriteOptions withLayers(WriteOptions options, MergedModel model) {
        return model.layers()
                .map(count -> options.toBuilder().layers(count).build())
                .orElse(options);
    }

    /** What is done while the last merge's models are there. */
    interface Use<T> {
        T of(Function<String, Checkpoint> models) throws InterruptedException;
    }

    /**
     * Merges all but the last, and does something with that.
     *
     * @param beside whose folder has the scratch folder
     * @param room bytes that the use writes there
     */
    <T> T merge(Path beside, long room, Run run, Use<T> use) throws InterruptedException {
        if (recipes.size() == 1) {
            return use.of(models);
        }
        Optional<Path> folder = Optional.of(beside.toAbsolutePath().getParent());
        try (ScratchFolder scratch = ScratchFolder.open(folder, most(room))) {
            Map<String, Checkpoint> results = new HashMap<>();
            Map<String, Path> places = new LinkedHashMap<>();
            int last = recipes.size() - 1;
            for (int at = 0; at < last; at++) {
                String name = recipes.get(at).name().orElseThrow();
                run.listener().note("merging '" + name + "' (" + (at + 1) + " of " + recipes.size() + ")");
                Path place = scratch.resolve("model" + at);
                MergedModel model = merged(recipes.get(at), among(results, models));
                WriteOptions options =
                        WriteOptions.builder().directory(true).durable(false).build();
                results.put(name, StepResult.of(model.write(place, withLayers(options, model), run)));
                places.put(name, place);
                for (String done : unused(places.keySet(), at)) {
                    scratch.remove(places.remove(done));
                }
            }
            return use.of(among(results, models));
        }
    }

    /** The most bytes that results take at a time, the last one's included. */
    private long most(long room) {
        long most = 0;
        Map<String, Long> sizes = new LinkedHashMap<>();
        for (int at = 0; at < recipes.size() - 1; at++) {
            sizes.put(recipes.get(at).name().orElseThrow(), StepResult.bytes(planned.get(at)));
            most = Math.max(most, sum(sizes));
            unused(sizes.keySet(), at).forEach(sizes::remove);
        }
        return Math.max(most, Math.addExact(sum(sizes), room));
    }

    private static long sum(Map<String, Long> sizes) {
        return sizes.values().stream().reduce(0L, Math::addExact);
    }

    /** Which results no recipe after one uses. */
    private List<String> unused(Set<String> results, int after) {
        List<String> unused = new ArrayList<>(results);
        recipes.subList(after + 1, recipes.size()).forEach(later -> unused.removeAll(later.uses()));
        return unused;
    }
}
