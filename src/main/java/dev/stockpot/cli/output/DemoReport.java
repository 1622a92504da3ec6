package dev.stockpot.cli.output;

import dev.stockpot.demo.Family;
import dev.stockpot.demo.Findings;
import dev.stockpot.demo.PaperTable;
import dev.stockpot.demo.PaperTable.Row;
import dev.stockpot.report.GreedyParts;
import dev.stockpot.report.LearnedParts;
import dev.stockpot.report.Names;
import dev.stockpot.report.Part;
import dev.stockpot.report.ScatterPart;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The demo's page: the paper's table and figure 1 of this family, and the parts that all reports of soups have. */
public final class DemoReport {
    private final Family family;
    private final PaperTable table;

    public DemoReport(Family family, PaperTable table) {
        this.family = family;
        this.table = table;
    }

    /** Writes it with {@code writer}; returns the page. */
    public Path write(String name, ReportWriter writer) throws InterruptedException {
        writer.add(about())
                .add(numbers("The paper's table, in percent", DemoTables.methods(table)))
                .add(findings());
        if (table.hasShifts()) {
            writer.add(scatter()).add(numbers("Shift by shift, in percent", DemoTables.shifts(table)));
        }
        writer.add(numbers("Each ingredient alone, in percent", DemoTables.individual(table)))
                .add(GreedyParts.path(table.greedy()));
        table.learned().forEach(soup -> writer.add(LearnedParts.detailsByGranularity(soup)));
        return writer.addGeometry(family.pretrained())
                .writePage(
                        "The paper's soups of " + family.ingredients().size() + " fine-tuned models: " + name,
                        Optional.empty());
    }

    private Part about() {
        List<String> sentences = new ArrayList<>();
        sentences.add(family.ingredients().size() + " models were fine-tuned from one pre-trained model with different"
                + " hyperparameters, and averaged as in Wortsman et al., Model soups (ICML 2022). A soup costs as much as one"
                + " model at inference; the ensemble runs all of them.");
        sentences.add("Only the held-out set decides which model is the best, what the greedy soup keeps and what the"
                + " learned soups' coefficients are. The test set"
                + (table.hasShifts()
                        ? " and the shifted test sets decide nothing; shifted is the mean of all shifts."
                        : " decides nothing. This family has no shifted test sets."));
        return new Part.Prose("What this is", sentences);
    }

    private static Part numbers(String heading, DemoTables.Cells cells) {
        return new Part.Numbers(heading, cells.columns(), cells.rows());
    }

    private Part findings() {
        List<List<String>> rows = Findings.of(table).stream()
                .map(f -> List.of(f.claim(), f.shows() ? "shows" : "does not show", f.numbers()))
                .toList();
        return new Part.Numbers(
                "The paper's findings, and whether they hold here",
                List.of("the paper's finding", "here", "accuracies"),
                rows);
    }

    private Part scatter() {
        List<ScatterPart.Soup> soups = new ArrayList<>();
        for (Row row : table.rows().values()) {
            soups.add(new ScatterPart.Soup(row.name(), 100 * row.test(), 100 * row.shifted()));
        }
        return ScatterPart.of(
                Names.of(family.ingredients()),
                "accuracy on the test set, %",
                "accuracy on shifted data, %",
                table.individual().stream().mapToDouble(r -> 100 * r.test()).toArray(),
                table.individual().stream().mapToDouble(r -> 100 * r.shifted()).toArray(),
                soups);
    }
}
