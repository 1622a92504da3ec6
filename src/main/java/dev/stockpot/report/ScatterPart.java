package dev.stockpot.report;

import java.util.ArrayList;
import java.util.List;

/** The paper's figure 1: every model by its score in distribution and under distribution shift. */
public final class ScatterPart {
    private ScatterPart() {}

    /** A soup in the figure. */
    public record Soup(String label, double own, double shifted) {}

    /**
     * The figure.
     *
     * @param names of the ingredients
     * @param metric that was measured
     * @param own the ingredients' scores in distribution
     * @param shifted their mean scores on shifted data
     */
    public static Part of(List<String> names, String metric, double[] own, double[] shifted, List<Soup> soups) {
        return of(names, metric + " on the held-out set", metric + " on shifted data", own, shifted, soups);
    }

    /** The same, with axes named {@code x} and {@code y}. */
    public static Part of(List<String> names, String x, String y, double[] own, double[] shifted, List<Soup> soups) {
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
                "Each point is a model; as in figure 1 of the paper, a soup to the upper right of all ingredients is better"
                        + " on both.",
                x,
                y,
                series);
    }
}
