package dev.stockpot.soup.checks;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Concerns;
import dev.stockpot.error.Details;
import dev.stockpot.run.Concern;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.AdapterWay;
import java.util.Comparator;
import java.util.List;

/**
 * All checks that come before a run. They read no values but the scales of adapters, and of files beside the weights only their
 * settings.
 */
public final class Checks {
    private Checks() {}

    /** What speaks against a soup of {@code checkpoints}: first what stops a run, then what it warns of. */
    public static List<Doubt> of(List<Checkpoint> checkpoints) {
        return of(checkpoints, Adapters.Averaged.FACTORS_IF_ALIKE);
    }

    private static List<Doubt> of(List<Checkpoint> checkpoints, Adapters.Averaged adapters) {
        Models models = new Models(checkpoints);
        Parts.check(models);
        if (!models.plain()) {
            Placeholders.check(models);
            Quantised.check(models);
            Adapters.check(models, adapters);
        }
        Quantised.checkDecoded(models);
        Configs.check(models);
        Graphs.check(models);
        SameFiles.check(models);
        SoupsAmong.check(models);
        if (models.doubts().size() > 1) {
            models.doubts()
                    .sort(Comparator.comparing((Doubt doubt) -> doubt.concern().isEmpty()));
        }
        return models.doubts();
    }

    /** What is to be known of one checkpoint that is not a model's plain weights. */
    public static List<Doubt> ofOne(Checkpoint checkpoint) {
        Models models = new Models(List.of(checkpoint));
        Parts.check(models);
        Placeholders.check(models);
        Quantised.check(models);
        Adapters.describe(models);
        Configs.check(models);
        return models.doubts();
    }

    /**
     * Stops a run, or has it warn, if something speaks against a soup of {@code ingredients}; of adapters there is none but their
     * average.
     *
     * @throws dev.stockpot.error.SoupException at the first concern that {@code run} does not allow
     */
    public static void beforeSoup(List<Checkpoint> ingredients, Run run) {
        raise(of(ingredients, Adapters.Averaged.NEVER), ingredients, run);
    }

    /**
     * The same for an average.
     *
     * @param way how adapters are averaged
     */
    public static void beforeSoup(List<Checkpoint> ingredients, AdapterWay way, Run run) {
        Adapters.Averaged averaged =
                way == AdapterWay.EXACT ? Adapters.Averaged.EXACTLY : Adapters.Averaged.FACTORS_IF_ALIKE;
        raise(of(ingredients, averaged), ingredients, run);
    }

    /**
     * The same for a checkpoint that is to be written otherwise: placeholders are no weights, and quantised values are none that
     * can be rounded.
     *
     * @param rounds whether values are to be written in another type
     * @throws dev.stockpot.error.SoupException if it has such tensors and {@code run} does not allow that
     */
    public static void beforeConverting(Checkpoint checkpoint, boolean rounds, Run run) {
        Models models = new Models(List.of(checkpoint));
        Placeholders.check(models);
        if (rounds) {
            Quantised.check(models);
            Configs.check(models);
        }
        models.doubts()
                .removeIf(doubt -> doubt.concern().isEmpty() || doubt.concern().get() == Concern.CONFIGS);
        raise(models.doubts(), List.of(checkpoint), run);
    }

    /** Stops a run at the first of {@code doubts} that it does not allow, and has it warn of the others. */
    private static void raise(List<Doubt> doubts, List<Checkpoint> checkpoints, Run run) {
        for (Doubt doubt : doubts) {
            String message = doubt.message(checkpoints);
            if (doubt.concern().isEmpty()) {
                run.listener().warning(message);
            } else {
                Details details = Details.of()
                        .file(checkpoints.get(doubt.models().get(0)).path())
                        .hint(doubt.advice());
                Concerns.raise(run, doubt.concern().get(), message, details);
            }
        }
    }
}
