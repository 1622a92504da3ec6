package dev.stockpot.cli.output;

import dev.stockpot.text.Printable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A table of text: the first column left-aligned, all others right-aligned. */
public final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... columns) {
        rows.add(Arrays.asList(columns));
    }

    /** The number of rows, without the heading. */
    int size() {
        return rows.size() - 1;
    }

    public Table row(String... cells) {
        rows.add(Arrays.asList(cells));
        return this;
    }

    /** A score as text: five decimals, or five significant digits if it is very small or large. */
    public static String number(double value) {
        double size = Math.abs(value);
        boolean plain = value == 0 || (size >= 1e-3 && size < 1e6);
        return String.format(Locale.ROOT, plain ? "%.5f" : "%.5g", value);
    }

    public void print(PrintWriter out) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String cell = Printable.of(row.get(i));
                String space = " ".repeat(widths[i] - cell.length());
                line.append(i == 0 ? cell + space : "  " + space + cell);
            }
            out.println(line.toString().stripTrailing());
        }
        out.flush();
    }
}
