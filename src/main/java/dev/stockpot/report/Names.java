package dev.stockpot.report;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.text.ModelNames;
import java.util.List;

/** What models are called in a report. */
public final class Names {
    private Names() {}

    /** One name per model; they differ if the paths do. */
    public static List<String> of(List<Checkpoint> models) {
        return ModelNames.of(models.stream().map(Checkpoint::path).toList());
    }
}
