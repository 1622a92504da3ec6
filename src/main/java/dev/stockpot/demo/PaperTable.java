package dev.stockpot.demo;

import dev.stockpot.soup.GreedyResult;
import dev.stockpot.soup.LearnedResult;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The paper's main table for one family.
 *
 * @param rows in the order of the paper
 * @param individual every ingredient's scores, in the family's order
 * @param greedy the greedy search, trial by trial
 * @param learned the learned soups, by model and by tensor
 */
public record PaperTable(Map<Kind, Row> rows, List<Row> individual, GreedyResult greedy, List<LearnedResult> learned) {
    public PaperTable {
        rows = Collections.unmodifiableMap(new EnumMap<>(rows));
        individual = List.copyOf(individual);
        learned = List.copyOf(learned);
    }

    /** The kinds of rows. */
    public enum Kind {
        BEST_INDIVIDUAL("best individual model, by held-out score"),
        UNIFORM("uniform soup"),
        GREEDY("greedy soup"),
        LEARNED_BY_MODEL("learned soup, by model"),
        LEARNED_BY_TENSOR("learned soup, by tensor"),
        ENSEMBLE("ensemble, of all models' logits"),
        UNIFORM_RECALIBRATED("uniform soup, batch statistics re-estimated"),
        GREEDY_RECALIBRATED("greedy soup, batch statistics re-estimated");

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
     * @param name the row's title, or an ingredient's file name
     * @param models how many models went into it
     * @param cost how many models run for one answer
     * @param heldOut on the held-out set, which it may have been chosen by
     * @param test on the in-distribution test set
     * @param shifts on the shifted test sets, by name
     */
    public record Row(String name, int models, int cost, double heldOut, double test, Map<String, Double> shifts) {
        /** The same scores under a row's title. */
        Row titled(Kind kind) {
            return new Row(kind.title(), models, cost, heldOut, test, shifts);
        }

        /** The mean over the shifted test sets; NaN if there are none. */
        public double shifted() {
            return shifts.values().stream()
                    .mapToDouble(Double::doubleValue)
                    .average()
                    .orElse(Double.NaN);
        }
    }

    /** The row of a kind; the last two kinds are null unless the network has batch normalisation. */
    public Row row(Kind kind) {
        return rows.get(kind);
    }

    /** Whether there are shifted test sets. */
    public boolean hasShifts() {
        return !row(Kind.BEST_INDIVIDUAL).shifts().isEmpty();
    }
}
