package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.mixture.Mixture;
import java.util.List;

/** A soup whose ingredients and coefficients a search has found. */
final class FoundSoup extends Soup {
    private final Mixture found;

    FoundSoup(Mixture found) {
        this.found = found;
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
