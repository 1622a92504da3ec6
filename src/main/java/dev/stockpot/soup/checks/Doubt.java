package dev.stockpot.soup.checks;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.run.Concern;
import dev.stockpot.text.NameList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A reason to doubt that checkpoints make a soup.
 *
 * @param concern the kind, if a run stops at it; empty for a warning
 * @param models whom it is about, by their numbers from 0
 * @param text what it is: a predicate to the models' names, without a full stop
 * @param advice what to do about it, without a full stop
 */
public record Doubt(Optional<Concern> concern, List<Integer> models, String text, String advice) {
    static Doubt stop(Concern concern, List<Integer> models, String text, String advice) {
        return new Doubt(Optional.of(concern), List.copyOf(models), text, advice);
    }

    static Doubt warn(List<Integer> models, String text, String advice) {
        return new Doubt(Optional.empty(), List.copyOf(models), text, advice);
    }

    /** As a sentence that names its models among {@code checkpoints}. */
    public String message(List<Checkpoint> checkpoints) {
        List<String> names = new ArrayList<>();
        for (int model : models) {
            names.add(checkpoints.get(model).path().toString());
        }
        return NameList.of(names) + " " + text;
    }
}
