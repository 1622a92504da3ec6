package dev.stockpot.fuzz;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.descent.Coefficients;
import dev.stockpot.soup.options.StartingPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The coefficients that a learned soup starts from. */
final class StartingPointFuzz implements FuzzTarget {
    private final Path file = FuzzTarget.file(".json");

    @Override
    public void run(byte[] input) throws IOException {
        Files.write(file, input);
        try {
            StartingPoint start = StartingPoint.read(file);
            Coefficients.of(start, 2, 3, true);
            Coefficients.of(start, 2, 3, false);
        } catch (CheckpointException e) {
            Refusal.check(e, input);
        } catch (SoupException e) {
            // The coefficients are not for two groups of three ingredients.
        }
    }
}
