package dev.stockpot.report;

import java.util.List;

/** A part of a report. Texts are plain; they are escaped when they are written out. */
public sealed interface Part permits Part.Prose, Part.Numbers, Part.Plot, Part.HeatMap {
    /** The title above it. */
    String heading();

    /** Sentences. */
    record Prose(String heading, List<String> sentences) implements Part {
        public Prose {
            sentences = List.copyOf(sentences);
        }
    }

    /** A table; every row has a cell for each column. */
    record Numbers(String heading, List<String> columns, List<List<String>> rows) implements Part {
        public Numbers {
            columns = List.copyOf(columns);
            rows = List.copyOf(rows);
        }
    }

    /**
     * Series over two axes.
     *
     * @param id of letters, digits and hyphens; names its file too
     * @param caption what it shows, in a sentence
     * @param x the horizontal axis
     * @param y the vertical axis
     */
    record Plot(String id, String heading, String caption, String x, String y, List<Series> series) implements Part {
        public Plot {
            series = List.copyOf(series);
        }
    }

    /** How a series is drawn. */
    enum Mark {
        /** Points only. */
        POINTS,
        /** Large points only, for what matters most. */
        STARS,
        /** A line with points. */
        LINE,
        /** A line that holds its value until the next point. */
        STEPS
    }

    /** Points in order, each with its own name; those with coordinates that are not finite are left out. */
    record Series(String label, Mark mark, List<Point> points) {
        public Series {
            points = points.stream()
                    .filter(p -> Double.isFinite(p.x()) && Double.isFinite(p.y()))
                    .toList();
        }
    }

    /** A point of a series; its name may be empty. */
    record Point(double x, double y, String name) {}

    /**
     * Numbers by row and column, as colours. A number that is not finite has no colour.
     *
     * @param id of letters, digits and hyphens; names its file too
     * @param caption what it shows, in a sentence
     * @param values by row, then by column
     */
    record HeatMap(
            String id, String heading, String caption, List<String> rows, List<String> columns, double[][] values)
            implements Part {
        public HeatMap {
            rows = List.copyOf(rows);
            columns = List.copyOf(columns);
        }
    }
}
