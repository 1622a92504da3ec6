package dev.stockpot.report;

import dev.stockpot.text.Figures;
import java.util.List;
import java.util.Locale;

/** Draws a plot as SVG: for a file of its own, and for readers of the page without scripts. */
final class SvgPlot {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 440;
    private static final int LEFT = 74;
    private static final int RIGHT = 16;
    private static final int TOP = 44;
    private static final int BOTTOM = 56;
    private static final int LEGEND_LINE = 18;

    private final Part.Plot plot;
    private final Axis x;
    private final Axis y;
    private final int top;
    private final StringBuilder svg = new StringBuilder();

    private SvgPlot(Part.Plot plot) {
        this.plot = plot;
        this.x =
                Axis.of(plot.series().stream().flatMap(s -> s.points().stream()).mapToDouble(Part.Point::x));
        this.y =
                Axis.of(plot.series().stream().flatMap(s -> s.points().stream()).mapToDouble(Part.Point::y));
        this.top = TOP + LEGEND_LINE * ((plot.series().size() + 1) / 2 - 1);
    }

    /** The document. */
    static String draw(Part.Plot plot) {
        return new SvgPlot(plot).document();
    }

    private String document() {
        svg.append(SvgStyle.open(WIDTH, HEIGHT, plot.heading()));
        grid();
        for (int i = 0; i < plot.series().size(); i++) {
            series(plot.series().get(i), "s" + i % SvgStyle.COLOURS);
        }
        legend();
        return svg.append("</svg>\n").toString();
    }

    private void grid() {
        for (double tick : x.ticks()) {
            double at = px(tick);
            line(at, top, at, HEIGHT - BOTTOM, "grid");
            text(at, HEIGHT - BOTTOM + 18, "middle", x.label(tick));
        }
        for (double tick : y.ticks()) {
            double at = py(tick);
            line(LEFT, at, WIDTH - RIGHT, at, "grid");
            text(LEFT - 8, at + 4, "end", y.label(tick));
        }
        text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12, "middle", plot.x());
        double middle = (top + HEIGHT - BOTTOM) / 2.0;
        add(
                "<text class=\"t\" text-anchor=\"middle\" transform=\"translate(16 %.1f) rotate(-90)\">%s</text>%n",
                middle, Markup.escape(plot.y()));
    }

    private void series(Part.Series series, String colour) {
        if (series.mark() == Part.Mark.LINE || series.mark() == Part.Mark.STEPS) {
            path(series, colour);
        }
        if (series.mark() == Part.Mark.STEPS) {
            return;
        }
        double radius = series.mark() == Part.Mark.STARS ? 8 : series.mark() == Part.Mark.LINE ? 2.5 : 5;
        for (Part.Point point : series.points()) {
            add(
                    "<circle class=\"%s f\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>%s</title></circle>%n",
                    colour,
                    px(point.x()),
                    py(point.y()),
                    radius,
                    Markup.escape(series.label() + (point.name().isEmpty() ? "" : ": " + point.name()) + " ("
                            + Figures.number(point.x()) + ", " + Figures.number(point.y()) + ")"));
        }
    }

    private void path(Part.Series series, String colour) {
        StringBuilder d = new StringBuilder();
        List<Part.Point> points = series.points();
        for (int i = 0; i < points.size(); i++) {
            double at = px(points.get(i).x());
            if (i > 0 && series.mark() == Part.Mark.STEPS) {
                d.append(String.format(Locale.ROOT, "H%.1f", at));
            }
            d.append(String.format(
                    Locale.ROOT,
                    "%s%.1f %.1f",
                    i == 0 ? "M" : "L",
                    at,
                    py(points.get(i).y())));
        }
        add("<path class=\"%s l\" d=\"%s\"/>%n", colour, d);
    }

    private void legend() {
        for (int i = 0; i < plot.series().size(); i++) {
            double at = LEFT + (i % 2) * (WIDTH - LEFT) / 2.0;
            double line = 20 + LEGEND_LINE * (i / 2);
            add("<circle class=\"s%d f\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>%n", i % SvgStyle.COLOURS, at, line - 4);
            text(at + 10, line, "start", Figures.shortened(plot.series().get(i).label(), 44));
        }
    }

    private double px(double value) {
        return x.pixel(value, LEFT, WIDTH - RIGHT);
    }

    private double py(double value) {
        return y.pixel(value, HEIGHT - BOTTOM, top);
    }

    private void line(double x1, double y1, double x2, double y2, String style) {
        add("<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n", style, x1, y1, x2, y2);
    }

    private void text(double atX, double atY, String anchor, String text) {
        add(
                "<text class=\"t\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>%n",
                anchor, atX, atY, Markup.escape(text));
    }

    private void add(String form, Object... values) {
        svg.append(String.format(Locale.ROOT, form, values));
    }
}
