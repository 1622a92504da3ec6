package dev.stockpot.diagnose;

import dev.stockpot.error.SoupException;
import dev.stockpot.soup.options.Objective;
import java.util.List;

/**
 * How ingredients are diagnosed.
 *
 * @param objective which metric is looked at, and in which direction
 * @param points along the straight line between two ingredients, from 0 at the first to 1 at the second, rising; both ends
 *     among them
 * @param pairs between which ingredients
 * @param jobs evaluations side by side, at least 1
 */
public record DiagnosisOptions(Objective objective, List<Double> points, PairChoice pairs, int jobs) {
    public DiagnosisOptions {
        points = List.copyOf(points);
        boolean rising = points.size() >= 3 && points.get(0) == 0 && points.get(points.size() - 1) == 1;
        for (int i = 1; i < points.size(); i++) {
            rising = rising && points.get(i) > points.get(i - 1);
        }
        if (!rising) {
            throw new SoupException("points should be at least three rising numbers from 0 to 1 but are " + points);
        }
        if (jobs < 1) {
            throw new SoupException("jobs should be at least 1 but got " + jobs);
        }
    }

    /** The evaluator's main metric, more is better; quarters of the lines from the best ingredient to each other. */
    public static DiagnosisOptions defaults() {
        return new DiagnosisOptions(Objective.MAIN, List.of(0.0, 0.25, 0.5, 0.75, 1.0), PairChoice.BEST, 1);
    }
}
