package dev.stockpot.report;

import dev.stockpot.text.Figures;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a report as one self-contained HTML page that may run and load nothing else: its content security policy lists
 * the two scripts by their hashes and allows no connection.
 */
final class Page {
    /** A column with a cell of more characters than this gets a minimum width. */
    private static final int LONG = 30;
    /** What tells a report from other pages. */
    static final String GENERATOR = "<meta name=\"generator\" content=\"Stockpot\">";

    /** A column whose cells have at most this many characters is not wrapped. */
    private static final int SHORT = 16;

    private final Report report;
    private final StringBuilder html = new StringBuilder();

    private Page(Report report) {
        this.report = report;
    }

    /** The document. */
    static String write(Report report) {
        return new Page(report).document();
    }

    private String document() {
        String chart = PageResource.chart();
        String script = PageResource.script();
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:;")
                .append(" style-src 'unsafe-inline'; script-src ")
                .append(PageResource.hash(chart))
                .append(' ')
                .append(PageResource.hash(script))
                .append("\">\n" + GENERATOR
                        + "\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n");
        element("title", report.title());
        html.append("<style>\n").append(PageResource.style()).append("</style>\n</head>\n<body>\n<main>\n");
        element("h1", report.title());
        List<Part.Plot> plots = new ArrayList<>();
        for (Part part : report.parts()) {
            html.append("<section>\n");
            element("h2", part.heading());
            if (part instanceof Part.Prose prose) {
                prose.sentences().forEach(s -> element("p", s));
            } else if (part instanceof Part.Numbers numbers) {
                table(numbers.columns(), numbers.rows());
            } else if (part instanceof Part.HeatMap map) {
                heatMap(map);
            } else if (part instanceof Part.Plot plot) {
                plots.add(plot);
                plot(plot);
            }
            html.append("</section>\n");
        }
        html.append("</main>\n<script type=\"application/json\" id=\"plots\">")
                .append(PlotData.json(plots))
                .append("</script>\n<script>")
                .append(chart)
                .append("</script>\n<script>")
                .append(script)
                .append("</script>\n</body>\n</html>\n");
        return html.toString();
    }

    private void plot(Part.Plot plot) {
        element("p", plot.caption());
        html.append("<div class=\"plot\"><canvas id=\"")
                .append(plot.id())
                .append("\" role=\"img\" aria-label=\"")
                .append(Markup.escape(plot.heading() + ". " + plot.caption()))
                .append("\"></canvas></div>\n<noscript>")
                .append(SvgPlot.draw(plot))
                .append("</noscript>\n");
        List<List<String>> rows = new ArrayList<>();
        for (Part.Series series : plot.series()) {
            for (Part.Point point : series.points()) {
                rows.add(List.of(series.label(), point.name(), Figures.number(point.x()), Figures.number(point.y())));
            }
        }
        folded(List.of("", "", plot.x(), plot.y()), rows);
    }

    private void heatMap(Part.HeatMap map) {
        element("p", map.caption());
        html.append("<div class=\"wide\"><div class=\"map\" style=\"--columns:")
                .append(map.columns().size())
                .append("\">")
                .append(SvgHeatMap.draw(map))
                .append("</div></div>\n");
        List<String> columns = new ArrayList<>(List.of(""));
        columns.addAll(map.columns());
        List<List<String>> rows = new ArrayList<>();
        for (int r = 0; r < map.rows().size(); r++) {
            List<String> row = new ArrayList<>(List.of(map.rows().get(r)));
            for (double value : map.values()[r]) {
                row.add(Figures.number(value));
            }
            rows.add(row);
        }
        folded(columns, rows);
    }

    private void folded(List<String> columns, List<List<String>> rows) {
        html.append("<details><summary>The numbers</summary>\n");
        table(columns, rows);
        html.append("</details>\n");
    }

    private void table(List<String> columns, List<List<String>> rows) {
        html.append("<div class=\"wide\"><table>\n<thead><tr>");
        List<String> kinds = new ArrayList<>();
        for (int c = 0; c < columns.size(); c++) {
            kinds.add(kind(rows, c));
            cell("th", kinds.get(c), columns.get(c));
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : rows) {
            html.append("<tr>");
            for (int c = 0; c < row.size(); c++) {
                cell("td", kinds.get(c), row.get(c));
            }
            html.append("</tr>\n");
        }
        html.append("</tbody></table></div>\n");
    }

    private void cell(String element, String kind, String text) {
        html.append('<').append(element).append(kind).append('>').append(Markup.escape(text));
        html.append("</").append(element).append('>');
    }

    /** The CSS class of a column: numbers are right-aligned, long texts get room. */
    private static String kind(List<List<String>> rows, int column) {
        boolean some = rows.stream().anyMatch(row -> !row.get(column).isEmpty());
        if (some && rows.stream().map(row -> row.get(column)).allMatch(cell -> cell.isEmpty() || isNumber(cell))) {
            return " class=\"n\"";
        }
        int longest =
                rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
        return longest > LONG ? " class=\"long\"" : longest <= SHORT ? " class=\"short\"" : "";
    }

    private static boolean isNumber(String cell) {
        return cell.length() < 20 && cell.matches("[-+\u2013\u221e]?[0-9.,]*(e[-+]?[0-9]+)?( ?[%kMGT]?B?|x)?");
    }

    private void element(String name, String text) {
        html.append('<')
                .append(name)
                .append('>')
                .append(Markup.escape(text))
                .append("</")
                .append(name)
                .append(">\n");
    }
}
