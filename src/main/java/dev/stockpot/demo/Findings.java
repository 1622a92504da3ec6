package dev.stockpot.demo;

import dev.stockpot.demo.PaperTable.Kind;
import dev.stockpot.demo.PaperTable.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The paper's findings, each checked against a table and put in words. */
public final class Findings {
    private Findings() {}

    /**
     * One finding.
     *
     * @param claim what the paper found
     * @param shows whether it shows in the table
     * @param numbers of the table, in words
     */
    public record Finding(String claim, boolean shows, String numbers) {}

    /** All of them, in the paper's order; those on shifted data only if there is any. */
    public static List<Finding> of(PaperTable table) {
        List<Finding> findings = new ArrayList<>();
        findings.add(
                onTest(table, Kind.GREEDY, Kind.BEST_INDIVIDUAL, "The greedy soup beats the best individual model"));
        findings.add(onTest(table, Kind.GREEDY, Kind.UNIFORM, "The greedy soup beats the uniform soup"));
        findings.add(onTest(
                table, Kind.LEARNED_BY_TENSOR, Kind.GREEDY, "A soup learned by layer or tensor beats the greedy soup"));
        findings.add(onTest(table, Kind.ENSEMBLE, Kind.GREEDY, "The ensemble, at its cost, beats the greedy soup"));
        if (table.rows().containsKey(Kind.UNIFORM_RECALIBRATED)) {
            findings.add(onTest(
                    table,
                    Kind.UNIFORM_RECALIBRATED,
                    Kind.UNIFORM,
                    "Re-estimated batch statistics make the uniform soup better"));
        }
        if (table.hasShifts()) {
            findings.add(onShifts(
                    table, Kind.UNIFORM, Kind.BEST_INDIVIDUAL, "The uniform soup beats the best individual model"));
            findings.add(onShifts(
                    table, Kind.GREEDY, Kind.BEST_INDIVIDUAL, "The greedy soup beats the best individual model"));
            findings.add(gainsMoreOnShifts(table));
            findings.add(onShifts(table, Kind.GREEDY, Kind.ENSEMBLE, "The greedy soup beats the ensemble"));
        }
        return findings;
    }

    private static Finding onTest(PaperTable table, Kind better, Kind worse, String claim) {
        return compare(
                claim + " in-distribution",
                table.row(better).test(),
                table.row(worse).test());
    }

    private static Finding onShifts(PaperTable table, Kind better, Kind worse, String claim) {
        return compare(
                claim + " on shifted data",
                table.row(better).shifted(),
                table.row(worse).shifted());
    }

    private static Finding compare(String claim, double better, double worse) {
        return new Finding(claim, better > worse, points(better) + " against " + points(worse));
    }

    private static Finding gainsMoreOnShifts(PaperTable table) {
        Row greedy = table.row(Kind.GREEDY);
        Row best = table.row(Kind.BEST_INDIVIDUAL);
        double here = greedy.test() - best.test();
        double shifted = greedy.shifted() - best.shifted();
        return new Finding(
                "The greedy soup gains more on shifted data than in-distribution",
                shifted > here,
                String.format(Locale.ROOT, "%+.2f against %+.2f", 100 * shifted, 100 * here));
    }

    private static String points(double accuracy) {
        return String.format(Locale.ROOT, "%.2f", 100 * accuracy);
    }
}
