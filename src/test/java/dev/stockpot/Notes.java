package dev.stockpot;

import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import java.util.List;

/** Runs that keep what they note. */
public final class Notes {
    private Notes() {}

    /** A run that adds its notes to {@code notes}, and replaces outputs. */
    public static Run to(List<String> notes) {
        return Run.builder()
                .overwrite(true)
                .listener(new RunListener() {
                    @Override
                    public void note(String message) {
                        notes.add(message);
                    }
                })
                .build();
    }
}
