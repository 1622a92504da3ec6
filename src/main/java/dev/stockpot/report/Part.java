package dev.stockpot.report;

import java.util.List;

/** A part of a report. Texts are plain: whoever writes them out escapes them. */
public sealed interface Part permits Part.Prose, Part.Numbers, Part.Plot, Part.HeatMap {
    /** What stands above it. */
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
     * @param caption what is to be seen, in a sentence
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
        /** Points alone. */
        POINTS,
        /** Large points alone, for what matters most. */
        STARS,
        /** A line with points. */
        LINE,
        /** A line that holds its value until the next. */
        STEPS
    }

    /** Points with finite coordinates, each with a name of its own, in order. */
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
     * Numbers by row and column, as colours. A number that is not finite has none.
     *
     * @param id of letters, digits and hyphens; names its file too
     * @param caption what is to be seen, in a sentence
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
