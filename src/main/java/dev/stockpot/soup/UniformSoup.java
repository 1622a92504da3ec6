package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.checks.Checks;
import dev.stockpot.soup.mixture.IngredientNotes;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.mixture.Weights;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.soup.options.TensorWeights;
import dev.stockpot.soup.options.WeightSchedule;
import dev.stockpot.tensor.DType;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The uniform soup (Wortsman et al., ICML 2022, section 2): all ingredients, with equal or given weights. Immutable: each
 * {@code with...} returns a new one. Making one reads no files.
 */
public final class UniformSoup extends Soup {
    private final List<Checkpoint> ingredients;
    private final Weights weights;
    private final Optional<DType> dtype;
    private final MatchOptions matching;
    private @Nullable Ingredients matched;

    private UniformSoup(List<Checkpoint> ingredients, Weights weights, Optional<DType> dtype, MatchOptions matching) {
        this.ingredients = ingredients;
        this.weights = weights;
        this.dtype = dtype;
        this.matching = matching;
    }

    /** Equal parts of {@code ingredients}, in the dtypes of the first. */
    public static UniformSoup of(List<Checkpoint> ingredients) {
        return new UniformSoup(List.copyOf(ingredients), Weights.EQUAL, Optional.empty(), MatchOptions.defaults());
    }

    /** Equal parts of {@code ingredients}, in the dtypes of the first. */
    public static UniformSoup of(Checkpoint... ingredients) {
        return of(List.of(ingredients));
    }

    /**
     * With one weight per ingredient, in order; the weighted sum is divided by the sum of the weights.
     *
     * @throws dev.stockpot.error.SoupException if there are not as many weights as ingredients, or one is not finite
     */
    public UniformSoup withWeights(double... values) {
        Weights given = Weights.of(values, weights.normalize());
        given.check(ingredients.size());
        return new UniformSoup(ingredients, given, dtype, matching);
    }

    /**
     * With the weights of a schedule, for checkpoints of one run that were given oldest first. Those of {@link
     * WeightSchedule#linear} are equal, and so are the bits to those of no weights.
     */
    public UniformSoup withWeights(WeightSchedule schedule) {
        return schedule.isEqual() ? this : withWeights(schedule.weights(ingredients.size()));
    }

    /** With weights that differ from tensor to tensor, divided by their sum in each tensor. */
    public UniformSoup withWeights(TensorWeights byTensor) {
        return new UniformSoup(ingredients, Weights.of(byTensor, weights.normalize()), dtype, matching);
    }

    /** With the plain weighted sum, not divided by the sum of the weights. */
    public UniformSoup withoutNormalizing() {
        return new UniformSoup(ingredients, weights.normalizing(false), dtype, matching);
    }

    /**
     * With float tensors of dtype {@code output}.
     *
     * @throws IllegalArgumentException if it is not a float type
     */
    public UniformSoup withDType(DType output) {
        if (!output.isFloat()) {
            throw new IllegalArgumentException("a soup's dtype should be a float type but got " + output);
        }
        return new UniformSoup(ingredients, weights, Optional.of(output), matching);
    }

    /** With another way to handle tensors that some ingredients lack. */
    public UniformSoup withOnMissing(OnMissing way) {
        return withMatching(matching.toBuilder().onMissing(way).build());
    }

    /** With another way to match tensors that not all ingredients have alike. */
    public UniformSoup withMatching(MatchOptions how) {
        return new UniformSoup(ingredients, weights, dtype, Objects.requireNonNull(how, "matching"));
    }

    @Override
    public List<Checkpoint> ingredients() {
        return ingredients;
    }

    private synchronized Ingredients matched() {
        if (matched == null) {
            matched = Ingredients.match(ingredients, matching);
        }
        return matched;
    }

    @Override
    Mixture match() {
        return Mixture.averaged(matched(), weights, dtype);
    }

    @Override
    public Optional<Recipe> asRecipe() {
        return new SoupRecipe(matching, dtype, weights.normalize()).of(mixture());
    }

    @Override
    void check(Run run) {
        Checks.beforeSoup(ingredients, matching.adapters(), run);
    }

    @Override
    void tell(RunListener listener) throws InterruptedException {
        IngredientNotes.tell(matched(), dtype, listener);
    }
}
