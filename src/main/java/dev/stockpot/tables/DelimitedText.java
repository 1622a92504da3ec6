package dev.stockpot.tables;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Comma-separated values (RFC 4180) with a line of column names; numbers as doubles, everything else as text. Tabs or
 * semicolons separate too, whichever the line of names has most of: spreadsheets write semicolons where numbers have a comma.
 */
final class DelimitedText {
    /** As in JSON, with an optional plus sign; 007 and 1f are names of something. */
    private static final Pattern NUMBER = Pattern.compile(
            "[+-]?(?:(?:0|[1-9][0-9]*)(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?:NaN|Infinity)");

    private DelimitedText() {}

    /**
     * The rows, each by column name.
     *
     * @param texts columns whose values are texts even if they look like numbers
     * @throws IOException if a row has more or fewer values than there are columns, or a quote is not closed
     */
    static List<Map<String, Object>> rows(String text, Collection<String> texts) throws IOException {
        // A line that spreadsheets put first to say what separates.
        String table = text.replaceFirst("^sep=.\\R", "");
        char separator = separator(table);
        List<List<String>> lines = lines(table, separator);
        List<Map<String, Object>> rows = new ArrayList<>();
        for (List<String> line : lines.subList(Math.min(1, lines.size()), lines.size())) {
            List<String> columns = lines.get(0);
            if (line.size() != columns.size()) {
                throw new IOException("row " + (rows.size() + 1) + " has " + line.size() + " values but there are "
                        + columns.size() + " columns");
            }
            Map<String, Object> row = new LinkedHashMap<>();
            for (int i = 0; i < columns.size(); i++) {
                String column = columns.get(i);
                row.put(column, texts.contains(column) ? line.get(i) : value(line.get(i), separator));
            }
            rows.add(row);
        }
        return rows;
    }

    private static char separator(String text) {
        String names = text.lines().findFirst().orElse("");
        char best = ',';
        for (char separator : new char[] {'\t', ';'}) {
            best = count(names, separator) > count(names, best) ? separator : best;
        }
        return best;
    }

    private static long count(String text, char separator) {
        return text.chars().filter(c -> c == separator).count();
    }

    private static Object value(String text, char separator) {
        String plain = separator == ',' ? text : text.replace(',', '.');
        return NUMBER.matcher(plain).matches() ? (Object) Double.valueOf(plain) : text;
    }

    private static List<List<String>> lines(String text, char separator) throws IOException {
        List<List<String>> lines = new ArrayList<>();
        List<String> line = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean doubled = quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"';
            if (doubled) {
                field.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && (c == separator || c == '\n')) {
                line.add(field.toString().strip());
                field.setLength(0);
                if (c == '\n') {
                    lines.add(line);
                    line = new ArrayList<>();
                }
            } else {
                field.append(c);
            }
        }
        if (quoted) {
            throw new IOException("a quote is not closed");
        }
        line.add(field.toString().strip());
        lines.add(line);
        lines.removeIf(l -> l.equals(List.of("")));
        return lines;
    }
}
