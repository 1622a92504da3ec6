package dev.stockpot.soup.options;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.system.NamedFile;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The coefficients that a learned soup starts from.
 *
 * @param alpha coefficients by group, then by ingredient, or one row for all groups; empty for equal ones
 * @param beta the temperature
 */
public record StartingPoint(List<List<Double>> alpha, double beta) {
    private static final int MAX_BYTES = 100_000_000;

    /** Equal coefficients. */
    public static final StartingPoint UNIFORM = new StartingPoint(List.of(), 1);

    public StartingPoint {
        alpha = alpha.stream().map(List::copyOf).toList();
    }

    /** One coefficient per ingredient, the same for all groups. */
    public static StartingPoint of(List<Double> alpha) {
        return new StartingPoint(List.of(alpha), 1);
    }

    /**
     * Reads the output of {@code learned --json}.
     *
     * @throws CheckpointException if the file cannot be read or has no coefficients
     */
    public static StartingPoint read(Path file) {
        try (JsonParser json = new JsonFactory().createParser(NamedFile.read(file, MAX_BYTES))) {
            if (json.nextToken() != null
                    && JsonValues.read(json) instanceof Map<?, ?> result
                    && result.get("alpha") instanceof List<?> rows) {
                List<List<Double>> alpha = rows.stream().map(StartingPoint::row).toList();
                return new StartingPoint(alpha, result.get("beta") instanceof Double beta ? beta : 1);
            }
            throw new IOException("it has no alpha");
        } catch (IOException | ClassCastException e) {
            throw new CheckpointException(
                    Reason.COEFFICIENTS,
                    file,
                    "has no coefficients in the form of a learned soup's JSON: " + e.getMessage(),
                    Details.of().cause(e));
        }
    }

    private static List<Double> row(Object row) {
        return ((List<?>) row).stream().map(Double.class::cast).toList();
    }
}
