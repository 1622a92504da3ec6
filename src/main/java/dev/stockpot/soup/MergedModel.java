package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.merge.Fact;
import dev.stockpot.merge.FactListener;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.recipe.PlannedTensor;
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
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.options.MergeOptions;
import dev.stockpot.text.Nearest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
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
    private final RecipePlan plan;

    private final Optional<FactListener> facts;

    private MergedModel(Recipe recipe, RecipePlan plan, Optional<FactListener> facts) {
        this.recipe = recipe;
        this.plan = plan;
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
        RecipePlan.Rules rules = new RecipePlan.Rules(
                options.seed(), Missing.valueOf(options.onMissing().name()), options.truncatesEmbeddings());
        RecipePlan plan = RecipePlan.of(recipe, method(recipe.method(), options.methods()), models, rules);
        return new MergedModel(recipe, plan, Optional.empty());
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
            throw new SoupException(Reason.RECIPE, recipe + ": should have one recipe but has " + all.size());
        }
        Optional<Path> beside = Optional.ofNullable(recipe.toAbsolutePath().getParent());
        ModelFinder finder = new ModelFinder(beside, models, Map.of(), OpenOptions.defaults());
        return of(all.get(0), finder::open, MergeOptions.defaults());
    }

    @Override
    public List<Checkpoint> ingredients() {
        return plan.checkpoints();
    }

    /** What each tensor will be made of and how; nothing is read for that. */
    public List<PlannedTensor> planned() {
        return plan.planned();
    }

    /** The model that deltas are taken from, if the method has one of its own. */
    public Optional<Checkpoint> base() {
        return plan.base();
    }

    /** The models' names, in the order of parameters and facts by model; none if it differs between slices. */
    public List<String> order() {
        return plan.order();
    }

    /** What a user should know of how it is made. */
    public List<String> notes() {
        return plan.notes();
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
        return plan.layers();
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
        return new MergedModel(recipe, plan, Optional.of(one)).write(out, options, run);
    }

    @Override
    Mixture match() {
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
        Checks.beforeSoup(ingredients(), run.toBuilder().allow(allowed).build());
    }

    @Override
    void tell(RunListener listener) {
        plan.notes().forEach(listener::note);
    }
}
