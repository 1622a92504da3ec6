package dev.stockpot.soup.options;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.soup.descent.Coefficients;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The coefficients that a learned soup starts from.
 *
 * @param alpha by group, then by ingredient, or one row for all groups; null for equal ones
 * @param beta the temperature
 */
public record StartingPoint(double[][] alpha, double beta) {
    /** Equal coefficients. */
    public static final StartingPoint UNIFORM = new StartingPoint(null, 1);

    /** A greedy soup's: equal ones for what it holds; next to nothing for the others, which may still come in. */
    public static StartingPoint of(GreedyResult greedy) {
        double share = 1.0 / greedy.chosen().size();
        double[] alpha = greedy.individual().stream()
                .mapToDouble(i -> greedy.chosen().contains(i.ingredient()) ? share : 0)
                .toArray();
        return new StartingPoint(new double[][] {alpha}, 1);
    }

    /**
     * What {@code learned --json} printed.
     *
     * @throws CheckpointException where the file holds no coefficients
     */
    public static StartingPoint read(Path file) {
        try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
            json.nextToken();
            if (JsonValues.read(json) instanceof Map<?, ?> result && result.get("alpha") instanceof List<?> rows) {
                double[][] alpha = rows.stream().map(StartingPoint::row).toArray(double[][]::new);
                return new StartingPoint(alpha, result.get("beta") instanceof Double beta ? beta : 1);
            }
            throw new IOException("it has no alpha");
        } catch (IOException | ClassCastException e) {
            throw new CheckpointException(
                    file, "holds no coefficients as learned --json prints them: " + e.getMessage(), null, e);
        }
    }

    private static double[] row(Object row) {
        return ((List<?>) row).stream().mapToDouble(value -> (Double) value).toArray();
    }

    public Coefficients coefficients(int groups, int ingredients, boolean softmax) {
        if (alpha == null) {
            return Coefficients.equal(groups, ingredients, softmax);
        }
        if (alpha.length != 1 && alpha.length != groups) {
            throw new SoupException(
                    "there are coefficients to start from for " + alpha.length + " groups but the soup has " + groups);
        }
        double[][] rows = new double[groups][];
        for (int g = 0; g < groups; g++) {
            rows[g] = alpha[alpha.length == 1 ? 0 : g];
            if (rows[g].length != ingredients || !Arrays.stream(rows[g]).allMatch(Double::isFinite)) {
                throw new SoupException("the coefficients to start from should be " + ingredients
                        + " finite numbers a group but are " + Arrays.toString(rows[g]));
            }
        }
        return Coefficients.of(rows, beta, softmax);
    }
}
