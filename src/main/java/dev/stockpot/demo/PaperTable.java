package dev.stockpot.demo;

import dev.stockpot.soup.GreedyResult;
import java.util.List;
import java.util.Map;

/**
 * The paper's main table for one family.
 *
 * @param rows in the order of the paper, all of {@link Kind}
 * @param individual every ingredient's scores, in the family's order
 * @param greedy the greedy search, trial by trial
 */
public record PaperTable(List<Row> rows, List<Row> individual, GreedyResult greedy) {
    public PaperTable {
        rows = List.copyOf(rows);
        individual = List.copyOf(individual);
    }

    /** What stands in a row. */
    public enum Kind {
        BEST_INDIVIDUAL("best individual model, by held-out score"),
        UNIFORM("uniform soup"),
        GREEDY("greedy soup"),
        LEARNED_BY_MODEL("learned soup, by model"),
        LEARNED_BY_TENSOR("learned soup, by tensor"),
        ENSEMBLE("ensemble, of all models' logits");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        /** In words. */
        public String title() {
            return title;
        }
    }

    /**
     * Accuracies, from 0 to 1.
     *
     * @param name the row's, or an ingredient's file name
     * @param models how many went into it
     * @param cost how many models run for one answer
     * @param heldOut on what it may have been chosen by
     * @param test in-distribution
     * @param shifts by name
     */
    public record Row(String name, int models, int cost, double heldOut, double test, Map<String, Double> shifts) {
        /** The mean over the shifted test sets; NaN where there are none. */
        public double shifted() {
            return shifts.values().stream()
                    .mapToDouble(Double::doubleValue)
                    .average()
                    .orElse(Double.NaN);
        }
    }

    /** A row by what stands in it. */
    public Row row(Kind kind) {
        return rows.get(kind.ordinal());
    }
}
