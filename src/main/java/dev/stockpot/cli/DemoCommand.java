package dev.stockpot.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.demo.Family;
import dev.stockpot.demo.Findings;
import dev.stockpot.demo.Findings.Finding;
import dev.stockpot.demo.PaperComparison;
import dev.stockpot.demo.PaperTable;
import dev.stockpot.demo.PaperTable.Row;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code stockpot demo}. */
@Command(
        name = "demo",
        description = {
            "Make every soup of the ingredients in the repository, and print the paper's table.",
            "Accuracies in percent, on the test set and on shifted test sets; the held-out set alone decides."
        },
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  stockpot demo", "  stockpot demo --family text", "  stockpot demo --json"})
final class DemoCommand implements Callable<Integer> {
    /** The families in the repository. */
    enum FamilyName {
        IMAGES,
        NORMALIZED,
        TEXT
    }

    @Option(
            names = "--family",
            paramLabel = "images|normalized|text",
            defaultValue = "images",
            description = "Convolutional networks on images, the same with batch normalisation, or transformers on text"
                    + " (default: ${DEFAULT-VALUE}).")
    private FamilyName name;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        // The launcher says where the repository is.
        Path home = Path.of(System.getProperty("stockpot.home", ""));
        Path folder = home.resolve("examples/demo").resolve(name.name().toLowerCase(Locale.ROOT));
        Family family = Family.open(folder);
        PaperTable table;
        try (SearchConsole console =
                new SearchConsole(common, family.ingredients().size())) {
            table = PaperComparison.of(family, common.settings(), console);
        }
        if (common.json()) {
            Json.print(common.out(), json -> write(json, folder, table));
        } else {
            print(common.out(), folder, table);
        }
        return 0;
    }

    private static void print(PrintWriter out, Path folder, PaperTable table) {
        out.println(Main.printable(table.individual().size() + " fine-tuned models in " + folder));
        out.println();
        boolean shifts = table.hasShifts();
        Table rows = shifts
                ? new Table("", "models", "cost", "held-out", "test", "shifted")
                : new Table("", "models", "cost", "held-out", "test");
        for (Row row : table.rows().values()) {
            String cost = row.cost() + "x";
            String models = Integer.toString(row.models());
            if (shifts) {
                rows.row(row.name(), models, cost, percent(row.heldOut()), percent(row.test()), percent(row.shifted()));
            } else {
                rows.row(row.name(), models, cost, percent(row.heldOut()), percent(row.test()));
            }
        }
        rows.print(out);
        if (shifts) {
            out.println();
            printShifts(out, table);
        }
        out.println();
        out.println("What the paper found, and what shows here:");
        for (Finding finding : Findings.of(table)) {
            out.println((finding.shows() ? "  shows:         " : "  does not show: ") + finding.claim() + " ("
                    + finding.numbers() + ").");
        }
        out.flush();
    }

    private static void printShifts(PrintWriter out, PaperTable table) {
        List<String> names =
                List.copyOf(table.row(PaperTable.Kind.BEST_INDIVIDUAL).shifts().keySet());
        String[] heads = new String[names.size() + 1];
        heads[0] = "by shift";
        for (int i = 0; i < names.size(); i++) {
            heads[i + 1] = names.get(i);
        }
        Table rows = new Table(heads);
        for (Row row : table.rows().values()) {
            String[] cells = new String[heads.length];
            cells[0] = row.name();
            for (int i = 0; i < names.size(); i++) {
                cells[i + 1] = percent(row.shifts().get(names.get(i)));
            }
            rows.row(cells);
        }
        rows.print(out);
    }

    private static String percent(double accuracy) {
        return String.format(Locale.ROOT, "%.2f", 100 * accuracy);
    }

    private static void write(JsonGenerator json, Path folder, PaperTable table) throws IOException {
        json.writeStartObject();
        json.writeStringField("family", folder.getFileName().toString());
        rows(json, "rows", table.rows().values());
        rows(json, "individual", table.individual());
        json.writeArrayFieldStart("findings");
        for (Finding finding : Findings.of(table)) {
            json.writeStartObject();
            json.writeStringField("claim", finding.claim());
            json.writeBooleanField("shows", finding.shows());
            json.writeStringField("numbers", finding.numbers());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void rows(JsonGenerator json, String field, Collection<Row> rows) throws IOException {
        json.writeArrayFieldStart(field);
        for (Row row : rows) {
            json.writeStartObject();
            json.writeStringField("name", row.name());
            json.writeNumberField("models", row.models());
            json.writeNumberField("cost", row.cost());
            json.writeNumberField("held_out", row.heldOut());
            json.writeNumberField("test", row.test());
            if (!row.shifts().isEmpty()) {
                json.writeNumberField("shifted", row.shifted());
            }
            json.writeObjectFieldStart("shifts");
            for (Map.Entry<String, Double> shift : row.shifts().entrySet()) {
                json.writeNumberField(shift.getKey(), shift.getValue());
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
