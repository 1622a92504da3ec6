package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Models that each have a tied tensor under the names that the first has it under, as far as it is certain that it is tied.
 *
 * @param models in the order given
 * @param ties tensors of the first that are tied to others, and those
 * @param notes what was done, for the user
 */
public record TiedModels(List<Checkpoint> models, Map<String, String> ties, List<String> notes) {
    /** Looks for tensors that not all have. */
    public static TiedModels of(List<Checkpoint> models) {
        if (Alignment.haveSameNames(models)) {
            return new TiedModels(models, Map.of(), List.of());
        }
        List<String> notes = new ArrayList<>();
        TiedTensors tied = new TiedTensors(models);
        tied.find(notes);
        return new TiedModels(tied.checkpoints(), tied.ties(), notes);
    }
}
