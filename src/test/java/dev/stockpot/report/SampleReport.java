package dev.stockpot.report;

import dev.stockpot.soup.options.Objective;
import java.util.ArrayList;
import java.util.List;

/** A report with every kind of part, and with names that try to be code. */
final class SampleReport {
    /** The number of canvases on the page. */
    static final int PLOTS = 2;

    private static final String HACK = "document.documentElement.dataset.hacked=1";

    static final List<String> HOSTILE = List.of(
            "</script><script>" + HACK + "</script>",
            "\"><img src=x onerror=\"" + HACK + "\">",
            "'); " + HACK + "; ('",
            "<!--<script>",
            "a & b &lt; c",
            "\u0000\u001b[31m\ud800 \u202e name",
            "</title></svg></style><svg onload=" + HACK + ">");

    private SampleReport() {}

    static Report hostile() {
        List<Part> parts = new ArrayList<>();
        parts.add(new Part.Prose("Result of " + HOSTILE.get(0), HOSTILE));
        List<Part.Point> points = new ArrayList<>();
        for (int i = 0; i < HOSTILE.size(); i++) {
            points.add(new Part.Point(0.9 + i * 0.01, 0.5 + i * i * 0.01, HOSTILE.get(i)));
        }
        parts.add(ScatterPart.of(
                HOSTILE,
                Objective.maximize(HOSTILE.get(0)),
                HOSTILE.get(0),
                List.of(HOSTILE.get(1)),
                points.stream().mapToDouble(Part.Point::x).toArray(),
                points.stream().mapToDouble(Part.Point::y).toArray(),
                List.of(new ScatterPart.Soup(HOSTILE.get(6), 0.98, 0.9))));
        parts.add(new Part.Plot(
                "curves",
                HOSTILE.get(1),
                HOSTILE.get(2),
                HOSTILE.get(3),
                HOSTILE.get(4),
                List.of(
                        new Part.Series(HOSTILE.get(0), Part.Mark.LINE, points),
                        new Part.Series(HOSTILE.get(1), Part.Mark.STEPS, points),
                        new Part.Series("one", Part.Mark.POINTS, points.subList(0, 1)),
                        new Part.Series(
                                "none", Part.Mark.LINE, List.of(new Part.Point(Double.NaN, Double.NaN, "nowhere"))))));
        double[][] values = new double[HOSTILE.size()][HOSTILE.size()];
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < values.length; j++) {
                values[i][j] = i == j ? Double.NaN : i - j;
            }
        }
        parts.add(new Part.HeatMap("map", HOSTILE.get(0), HOSTILE.get(1), HOSTILE, HOSTILE, values));
        parts.add(new Part.Numbers(HOSTILE.get(1), HOSTILE.subList(0, 2), List.of(HOSTILE.subList(2, 4))));
        return new Report(HOSTILE.get(6), parts);
    }
}
