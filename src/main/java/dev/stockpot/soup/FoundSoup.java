package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.mixture.Mixture;
import java.util.List;
import java.util.Optional;

/** A soup whose ingredients and coefficients a search has found. */
final class FoundSoup extends Soup {
    private final Mixture found;
    private final Optional<SoupRecipe> recipe;

    /** One that cannot be made again of files alone. */
    FoundSoup(Mixture found) {
        this(found, Optional.empty());
    }

    /** @param recipe how it is made again; empty if it cannot be */
    FoundSoup(Mixture found, Optional<SoupRecipe> recipe) {
        this.found = found;
        this.recipe = recipe;
    }

    @Override
    public Optional<Recipe> asRecipe() {
        return recipe.flatMap(how -> how.of(found));
    }

    @Override
    Mixture match() {
        return found;
    }

    @Override
    void check(Run run) {
        // The search has already looked at its ingredients.
    }

    @Override
    void tell(RunListener listener) {
        // The search has already reported the notes on its ingredients.
    }

    @Override
    public List<Checkpoint> ingredients() {
        return found.ingredients();
    }
}
