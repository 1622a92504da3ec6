package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.write.OutputCheck;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.merge.Fact;
import dev.stockpot.merge.FactListener;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.recipe.PlannedTensor;
import dev.stockpot.recipe.Provenance;
import dev.stockpot.recipe.Provenance.Matching;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.plan.Missing;
import dev.stockpot.recipe.plan.ModelFinder;
import dev.stockpot.recipe.plan.RecipePlan;
import dev.stockpot.recipe.yaml.RecipeReader;
import dev.stockpot.run.Backend;
import dev.stockpot.run.Concern;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.checks.Checks;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.options.AdapterWay;
import dev.stockpot.soup.options.MergeOptions;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.text.Nearest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The result of a merge by a recipe. Making one opens the models and checks all of the recipe, but reads no values. Immutable.
 */
public final class MergedModel extends Soup {
    private final Recipe recipe;
    private final Optional<Recipe> own;
    private final Making making;
    private final Optional<FactListener> facts;

    /** How it is made: by a plan, or as the soup that the recipe is of. */
    private record Making(Optional<RecipePlan> plan, Optional<Mixture> soup, List<String> notes) {}

    /** @param own what {@link #asRecipe} returns */
    private MergedModel(Recipe recipe, Optional<Recipe> own, Making making, Optional<FactListener> facts) {
        this.recipe = recipe;
        this.own = own;
        this.making = making;
        this.facts = facts;
    }

    /**
     * The merge that a recipe describes, of models that fit together.
     *
     * @param seed what random masks depend on
     * @see #of(Recipe, Function, MergeOptions)
     */
    public static MergedModel of(Recipe recipe, Function<String, Checkpoint> models, long seed) {
        return of(recipe, models, MergeOptions.defaults().withSeed(seed));
    }

    /**
     * The merge that a recipe describes.
     *
     * @param models opens a model by its name in the recipe; the same one each time
     * @throws dev.stockpot.error.SoupException if models, tensors or parameters do not fit the method
     * @throws dev.stockpot.error.CheckpointException if a model cannot be opened
     */
    public static MergedModel of(Recipe recipe, Function<String, Checkpoint> models, MergeOptions options) {
        if (recipe.provenance().isSoup()) {
            return soup(recipe, models);
        }
        MergeMethod method = method(recipe.method(), options.methods());
        RecipeModels alike = RecipeModels.of(recipe, models);
        RecipePlan.Rules rules = new RecipePlan.Rules(
                options.seed(),
                Missing.valueOf(options.onMissing().name()),
                options.truncatesEmbeddings(),
                alike.ties());
        RecipePlan plan = RecipePlan.of(recipe, method, alike::open, rules);
        List<String> notes = new ArrayList<>(alike.notes());
        notes.addAll(plan.notes());
        Matching given = recipe.provenance().matching();
        Provenance used = recipe.provenance()
                .withSeed(options.seed())
                .withMatching(new Matching(
                        options.onMissing().name().toLowerCase(Locale.ROOT),
                        given.exclude(),
                        given.takeFirst(),
                        given.commonRows(),
                        options.truncatesEmbeddings()));
        // A recipe in YAML cannot name a program's own methods.
        Optional<Recipe> own = options.methods().isEmpty() ? Optional.of(recipe.with(used)) : Optional.empty();
        return new MergedModel(recipe, own, new Making(Optional.of(plan), Optional.empty(), notes), Optional.empty());
    }

    /** The merge that a recipe describes, with the seed and the ways to match tensors that it says itself. */
    public static MergedModel of(Recipe recipe, Function<String, Checkpoint> models) {
        Provenance said = recipe.provenance();
        OnMissing onMissing = OnMissing.valueOf(said.matching().onMissing().toUpperCase(Locale.ROOT));
        return of(
                recipe,
                models,
                MergeOptions.defaults()
                        .withSeed(said.seed())
                        .withOnMissing(onMissing)
                        .withTruncatedEmbeddings(said.matching().truncatesEmbeddings()));
    }

    /** A soup that is made again. */
    private static MergedModel soup(Recipe recipe, Function<String, Checkpoint> models) {
        List<Checkpoint> opened = new ArrayList<>();
        for (Recipe.Source source : recipe.models()) {
            opened.add(models.apply(source.model()));
        }
        Ingredients matched = Ingredients.match(opened, SoupRecipe.matching(recipe.provenance()));
        Mixture soup = SoupRecipe.again(recipe, matched);
        Making making = new Making(Optional.empty(), Optional.of(soup), matched.notes());
        return new MergedModel(recipe, Optional.of(recipe), making, Optional.empty());
    }

    private static MergeMethod method(String name, List<MergeMethod> own) {
        for (int k = own.size() - 1; k >= 0; k--) {
            if (own.get(k).name().equals(name)) {
                return own.get(k);
            }
        }
        return MergeMethods.named(name)
                .orElseThrow(() -> new SoupException(
                        Reason.METHOD,
                        "there is no merge method '" + name + "'"
                                + Nearest.to(name, MergeMethods.names())
                                        .map(other -> "; did you mean '" + other + "'?")
                                        .orElse("")));
    }

    /**
     * The merge that a recipe in mergekit's YAML describes. Models are folders or files as the recipe names them, seen from the
     * working folder, from the recipe's own, or from {@code models}; nothing is downloaded.
     *
     * @param models a further folder to look in
     * @param listener receives what the recipe says that has no effect here
     * @throws dev.stockpot.error.SoupException if the recipe is wrong, with file, line and column, or does not fit its models
     * @throws dev.stockpot.error.CheckpointException if a model cannot be opened
     */
    public static MergedModel read(Path recipe, Optional<Path> models, RunListener listener) {
        List<Recipe> all = RecipeReader.read(recipe, false, listener::note, listener::warning);
        if (all.size() != 1) {
            throw new SoupException(
                    Reason.RECIPE, recipe + ": should have one recipe but has " + all.size() + ", which make a chain");
        }
        Optional<Path> beside = Optional.ofNullable(recipe.toAbsolutePath().getParent());
        ModelFinder finder = new ModelFinder(beside, models, Map.of(), OpenOptions.defaults());
        return of(all.get(0), finder.knowing(all, true)::open);
    }

    @Override
    public List<Checkpoint> ingredients() {
        return making.plan()
                .map(RecipePlan::checkpoints)
                .orElseGet(() -> making.soup().orElseThrow().ingredients());
    }

    /** The recipe, with the seed and the options that were used; empty if it names a method of the program's own. */
    @Override
    public Optional<Recipe> asRecipe() {
        return own;
    }

    /** What each tensor will be made of and how; nothing is read for that. */
    public List<PlannedTensor> planned() {
        return making.plan()
                .map(RecipePlan::planned)
                .orElseGet(() -> making.soup().orElseThrow().tensors().stream()
                        .map(SoupRecipe::planned)
                        .toList());
    }

    /** The model that deltas are taken from, if the method has one of its own. */
    public Optional<Checkpoint> base() {
        return making.plan().flatMap(RecipePlan::base);
    }

    /** The models' names, in the order of parameters and facts by model; none if it differs between slices. */
    public List<String> order() {
        return making.plan().map(RecipePlan::order).orElseGet(recipe::uses);
    }

    /** What a user should know of how it is made. */
    public List<String> notes() {
        return List.copyOf(making.notes());
    }

    /** What stays on the CPU in a run on a GPU, a sentence for each kind of work. */
    public List<String> notes(Run run) {
        boolean onGpu =
                run.kernels().isPresent() ? run.kernels().get().name().equals("cuda") : run.backend() == Backend.CUDA;
        Map<String, Integer> parts = new TreeMap<>();
        if (onGpu) {
            planned().forEach(tensor -> tensor.onCpu().ifPresent(part -> parts.merge(part, 1, Integer::sum)));
        }
        List<String> notes = new ArrayList<>();
        parts.forEach((part, tensors) -> notes.add(recipe.method() + " stays on the CPU, at least in part, for "
                + tensors + " of " + planned().size() + " tensors: " + part));
        return notes;
    }

    /** How many layers it has, if the recipe put them together from slices. */
    public Optional<Integer> layers() {
        return making.plan().flatMap(RecipePlan::layers);
    }

    /**
     * Writes it, and tells what its methods found out about each tensor: cosines, weights, shares. It takes no more passes, and
     * the same bytes are written.
     *
     * @param listener called on the run's threads, one at a time
     * @see #write(Path, WriteOptions, Run)
     */
    public Checkpoint write(Path out, WriteOptions options, Run run, FactListener listener)
            throws InterruptedException {
        FactListener one = new FactListener() {
            @Override
            public synchronized void found(String tensor, List<Fact> facts) {
                listener.found(tensor, facts);
            }
        };
        return new MergedModel(recipe, own, making, Optional.of(one)).write(out, options, run);
    }

    @Override
    Mixture match() {
        if (making.soup().isPresent()) {
            return making.soup().get();
        }
        RecipePlan plan = making.plan().orElseThrow();
        return Mixture.of(
                plan.checkpoints(),
                plan.tensors(facts),
                Map.of(
                        "soup.recipe",
                        recipe.method(),
                        "soup.ingredients",
                        Integer.toString(plan.checkpoints().size())));
    }

    @Override
    void check(Run run) {
        notes(run).forEach(run.listener()::note);
        Set<Concern> allowed = EnumSet.noneOf(Concern.class);
        allowed.addAll(run.allowed());
        if (layers().isPresent()) {
            // Models of different depth are what slices are for.
            allowed.add(Concern.CONFIGS);
        }
        Run allowing = run.toBuilder().allow(allowed).build();
        if (recipe.provenance().isSoup()) {
            AdapterWay way = SoupRecipe.matching(recipe.provenance()).adapters();
            Checks.beforeSoup(ingredients(), way, allowing);
        } else {
            Checks.beforeSoup(ingredients(), allowing);
        }
    }

    /** Where an output first differs from it; empty if it is the same. */
    Optional<OutputDifference> compare(Checkpoint output, Run run) throws InterruptedException {
        check(run);
        try (Engine engine = Engine.open(run)) {
            return OutputCheck.of(mixture().tensors(), output, mixture().ingredients(), engine)
                    .map(OutputDifference::of);
        }
    }

    @Override
    void tell(RunListener listener) {
        making.notes().forEach(listener::note);
    }
}
