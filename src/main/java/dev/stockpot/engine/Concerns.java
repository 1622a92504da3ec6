package dev.stockpot.engine;

import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.run.Concern;
import dev.stockpot.run.Run;
import java.util.List;

/** How a run takes concerns: those that it allows are warnings, others end it. */
public final class Concerns {
    private Concerns() {}

    /**
     * Raises a concern.
     *
     * @param message what is wrong, in which file or tensor
     * @param details with file, tensor and hint as far as known
     * @throws SoupException unless {@code run} allows it
     */
    public static void raise(Run run, Concern concern, String message, Details details) {
        if (!run.allowed().contains(concern)) {
            throw error(concern, message, details);
        }
        run.listener().warning(message);
    }

    /** The exception that ends a run, which its caller knows does not allow the concern. */
    public static SoupException error(Concern concern, String message, Details details) {
        return new SoupException(Reason.CONCERN, message, details.choices(List.of(concern.toString())));
    }
}
