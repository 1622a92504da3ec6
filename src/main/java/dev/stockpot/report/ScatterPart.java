package dev.stockpot.report;

import dev.stockpot.evaluate.MetricDirection;
import dev.stockpot.soup.options.Objective;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The paper's figure 1: every model by its score in distribution and under distribution shift. */
public final class ScatterPart {
    private static final String UPPER_RIGHT =
            " Higher is better: a soup to the upper right of all ingredients is better on both.";
    private static final String LOWER_LEFT =
            " Lower is better: a soup to the lower left of all ingredients is better on both.";

    private ScatterPart() {}

    /** A soup in the figure. */
    public record Soup(String label, double own, double shifted) {}

    /**
     * The figure.
     *
     * @param names of the ingredients
     * @param objective the metric that was measured, and its direction if it is known
     * @param shiftMetric the metric that was measured on shifted data, if that is another
     * @param shifts names of the kinds of shifts; none if they have no names
     * @param own the ingredients' scores in distribution
     * @param shifted their mean scores on shifted data
     */
    public static Part of(
            List<String> names,
            Objective objective,
            String shiftMetric,
            List<String> shifts,
            double[] own,
            double[] shifted,
            List<Soup> soups) {
        String metric = objective.metric().orElseThrow();
        String where = shifts.isEmpty()
                ? "on shifted data"
                : shifts.size() == 1
                        ? "on " + shifts.get(0)
                        : "on shifted data, the mean of " + String.join(", ", shifts);
        // The corner where both are better is only that of metrics with the same direction.
        Optional<MetricDirection> direction = objective.knownDirection();
        boolean alike =
                shiftMetric.equals(metric) || MetricDirection.of(shiftMetric).equals(direction);
        String better = direction
                .filter(known -> alike)
                .map(known -> known == MetricDirection.MAXIMIZE ? UPPER_RIGHT : LOWER_LEFT)
                .orElse("");
        return of(names, metric + " on the held-out set", shiftMetric + " " + where, better, own, shifted, soups);
    }

    /** The same with axes named {@code x} and {@code y}, of scores of which higher ones are better. */
    public static Part of(List<String> names, String x, String y, double[] own, double[] shifted, List<Soup> soups) {
        return of(names, x, y, UPPER_RIGHT, own, shifted, soups);
    }

    private static Part of(
            List<String> names, String x, String y, String better, double[] own, double[] shifted, List<Soup> soups) {
        List<Part.Point> points = new ArrayList<>();
        for (int i = 0; i < own.length; i++) {
            points.add(new Part.Point(own[i], shifted[i], names.get(i)));
        }
        List<Part.Series> series = new ArrayList<>();
        series.add(new Part.Series("ingredients", Part.Mark.POINTS, points));
        for (Soup soup : soups) {
            Part.Point at = new Part.Point(soup.own(), soup.shifted(), "");
            series.add(new Part.Series(soup.label(), Part.Mark.STARS, List.of(at)));
        }
        return new Part.Plot(
                "scatter",
                "In-distribution and shifted scores",
                "Each point is a model, as in figure 1 of the paper." + better,
                x,
                y,
                series);
    }
}
