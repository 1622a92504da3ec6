package dev.stockpot.report;

import dev.stockpot.text.Figures;
import java.util.Arrays;
import java.util.Locale;

/** Draws a heat map as SVG. Cells show their numbers if these fit. */
final class SvgHeatMap {
    private static final int CHARACTER = 6;
    private static final int LONGEST_LABEL = 34;
    private static final int TOP = 8;

    /** The colours of the scale, from low to high: light yellow to dark blue, readable in greyscale too. */
    private static final int[][] SCALE = {{255, 250, 215}, {120, 198, 190}, {34, 94, 168}, {8, 29, 88}};

    private final Part.HeatMap map;
    private final double low;
    private final double high;
    private final int cellWidth;
    private final int cellHeight;
    private final int left;
    private final int bottom;
    private final boolean written;

    private SvgHeatMap(Part.HeatMap map) {
        this.map = map;
        this.low = Arrays.stream(map.values())
                .flatMapToDouble(Arrays::stream)
                .filter(Double::isFinite)
                .min()
                .orElse(0);
        this.high = Arrays.stream(map.values())
                .flatMapToDouble(Arrays::stream)
                .filter(Double::isFinite)
                .max()
                .orElse(1);
        this.written = map.columns().size() <= 16;
        this.cellWidth = written ? 52 : Math.max(8, 830 / map.columns().size());
        this.cellHeight = map.rows().size() <= 24 ? 26 : 16;
        this.left = 16 + CHARACTER * longest(map.rows());
        this.bottom = 22 + CHARACTER * longest(map.columns()) * 3 / 4;
    }

    /** The document. */
    static String draw(Part.HeatMap map) {
        return new SvgHeatMap(map).document();
    }

    private static int longest(Iterable<String> labels) {
        int longest = 1;
        for (String label : labels) {
            longest = Math.max(longest, Math.min(LONGEST_LABEL, label.length()));
        }
        return longest;
    }

    private String document() {
        int width = left + cellWidth * map.columns().size() + 20;
        int height = TOP + cellHeight * map.rows().size() + bottom;
        StringBuilder svg = new StringBuilder(SvgStyle.open(width, height, map.heading()));
        for (int r = 0; r < map.rows().size(); r++) {
            double middle = TOP + cellHeight * (r + 0.5) + 4;
            svg.append(text(left - 6, middle, "end", map.rows().get(r), ""));
            for (int c = 0; c < map.columns().size(); c++) {
                cell(svg, r, c);
            }
        }
        for (int c = 0; c < map.columns().size(); c++) {
            double at = left + cellWidth * (c + 0.5) + 4;
            double under = TOP + cellHeight * map.rows().size() + 12;
            String turned = String.format(Locale.ROOT, " transform=\"rotate(-45 %.1f %.1f)\"", at, under);
            svg.append(text(at, under, "end", map.columns().get(c), turned));
        }
        return svg.append("</svg>\n").toString();
    }

    private void cell(StringBuilder svg, int r, int c) {
        double value = map.values()[r][c];
        double share = high > low ? (value - low) / (high - low) : 0;
        int x = left + cellWidth * c;
        int y = TOP + cellHeight * r;
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"><title>%s</title></rect>%n",
                x,
                y,
                cellWidth - 1,
                cellHeight - 1,
                Double.isFinite(value) ? colour(share) : "none",
                Markup.escape(map.rows().get(r) + " / " + map.columns().get(c) + ": " + Figures.number(value))));
        if (written && Double.isFinite(value)) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text text-anchor=\"middle\" x=\"%.1f\" y=\"%.1f\" fill=\"%s\" font-family=\"system-ui,sans-serif\""
                            + " font-size=\"11\">%s</text>%n",
                    x + cellWidth / 2.0,
                    y + cellHeight / 2.0 + 4,
                    share > 0.45 ? "#fff" : "#222",
                    String.format(Locale.ROOT, "%.3g", value)));
        }
    }

    private static String text(double x, double y, String anchor, String label, String more) {
        return String.format(
                Locale.ROOT,
                "<text class=\"t c\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\"%s>%s</text>%n",
                anchor,
                x,
                y,
                more,
                Markup.escape(Figures.shortened(label, LONGEST_LABEL)));
    }

    private static String colour(double share) {
        double at = Math.max(0, Math.min(1, share)) * (SCALE.length - 1);
        int from = Math.min((int) at, SCALE.length - 2);
        double part = at - from;
        StringBuilder colour = new StringBuilder("#");
        for (int channel = 0; channel < 3; channel++) {
            long mixed = Math.round(SCALE[from][channel] * (1 - part) + SCALE[from + 1][channel] * part);
            colour.append(String.format(Locale.ROOT, "%02x", mixed));
        }
        return colour.toString();
    }
}
