package dev.stockpot.cli.output;

import dev.stockpot.demo.PaperTable;
import dev.stockpot.demo.PaperTable.Row;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** The demo's numbers as tables of text, the same on the terminal and in the report: accuracies in percent. */
public final class DemoTables {
    private DemoTables() {}

    /** A table: its columns, and rows with a cell for each. */
    public record Cells(List<String> columns, List<List<String>> rows) {
        /** For the terminal. */
        public Table table() {
            Table table = new Table(columns.toArray(String[]::new));
            rows.forEach(row -> table.row(row.toArray(String[]::new)));
            return table;
        }
    }

    /** The paper's main table. */
    public static Cells methods(PaperTable table) {
        List<String> columns = new ArrayList<>(List.of("", "models", "cost", "held-out", "test"));
        if (table.hasShifts()) {
            columns.add("shifted");
        }
        List<List<String>> rows = new ArrayList<>();
        for (Row row : table.rows().values()) {
            List<String> cells = new ArrayList<>(List.of(row.name(), Integer.toString(row.models()), row.cost() + "x"));
            addScores(cells, row);
            rows.add(cells);
        }
        return new Cells(columns, rows);
    }

    /** Every method under every shift. */
    public static Cells shifts(PaperTable table) {
        return byShift("by shift", table.rows().values(), table, false);
    }

    /** Every ingredient alone. */
    static Cells individual(PaperTable table) {
        return byShift("ingredient", table.individual(), table, true);
    }

    private static Cells byShift(String head, Collection<Row> all, PaperTable table, boolean scores) {
        List<String> shifts =
                List.copyOf(table.row(PaperTable.Kind.BEST_INDIVIDUAL).shifts().keySet());
        List<String> columns = new ArrayList<>(List.of(head));
        if (scores) {
            columns.addAll(table.hasShifts() ? List.of("held-out", "test", "shifted") : List.of("held-out", "test"));
        }
        columns.addAll(shifts);
        List<List<String>> rows = new ArrayList<>();
        for (Row row : all) {
            List<String> cells = new ArrayList<>(List.of(row.name().replace(".safetensors", "")));
            if (scores) {
                addScores(cells, row);
            }
            shifts.forEach(shift -> cells.add(percent(row.shifts().get(shift))));
            rows.add(cells);
        }
        return new Cells(columns, rows);
    }

    private static void addScores(List<String> cells, Row row) {
        cells.add(percent(row.heldOut()));
        cells.add(percent(row.test()));
        if (!row.shifts().isEmpty()) {
            cells.add(percent(row.shifted()));
        }
    }

    private static String percent(double accuracy) {
        return String.format(Locale.ROOT, "%.2f", 100 * accuracy);
    }
}
