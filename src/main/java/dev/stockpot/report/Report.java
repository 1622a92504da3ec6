package dev.stockpot.report;

import java.util.List;

/**
 * The content of a report.
 *
 * @param title of the page
 * @param parts in order
 */
public record Report(String title, List<Part> parts) {
    public Report {
        parts = List.copyOf(parts);
    }
}
