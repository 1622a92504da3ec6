package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.recipe.PlannedTensor;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.plan.RecipePlan;
import dev.stockpot.run.Concern;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.checks.Checks;
import dev.stockpot.soup.mixture.Mixture;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The result of a merge by a recipe. Making one opens the models and checks all of the recipe, but reads no values. Immutable.
 */
public final class MergedModel extends Soup {
    private final Recipe recipe;
    private final RecipePlan plan;

    private MergedModel(Recipe recipe, RecipePlan plan) {
        this.recipe = recipe;
        this.plan = plan;
    }

    /**
     * The merge that a recipe describes.
     *
     * @param models opens a model by its name in the recipe; the same one each time
     * @param seed what random masks depend on, besides tensors' names, models' places and elements' indices
     * @throws dev.stockpot.error.SoupException if models, tensors or parameters do not fit the method
     * @throws dev.stockpot.error.CheckpointException if a model cannot be opened
     */
    public static MergedModel of(Recipe recipe, Function<String, Checkpoint> models, long seed) {
        return new MergedModel(recipe, RecipePlan.of(recipe, models, seed));
    }

    @Override
    public List<Checkpoint> ingredients() {
        return plan.checkpoints();
    }

    /** What each tensor will be made of and how; nothing is read for that. */
    public List<PlannedTensor> planned() {
        return plan.planned();
    }

    /** What a user should know of how it is made. */
    public List<String> notes() {
        return plan.notes();
    }

    /** How many layers it has, if the recipe put them together from slices. */
    public Optional<Integer> layers() {
        return plan.layers();
    }

    @Override
    Mixture match() {
        return Mixture.of(
                plan.checkpoints(),
                plan.tensors(),
                Map.of(
                        "soup.recipe",
                        recipe.method(),
                        "soup.ingredients",
                        Integer.toString(plan.checkpoints().size())));
    }

    @Override
    void check(Run run) {
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
