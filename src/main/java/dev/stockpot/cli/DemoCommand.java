package dev.stockpot.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.ReportOptions;
import dev.stockpot.cli.output.DemoReport;
import dev.stockpot.cli.output.DemoTables;
import dev.stockpot.cli.output.Json;
import dev.stockpot.cli.output.ReportWriter;
import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.demo.Family;
import dev.stockpot.demo.Findings;
import dev.stockpot.demo.Findings.Finding;
import dev.stockpot.demo.PaperComparison;
import dev.stockpot.demo.PaperTable;
import dev.stockpot.demo.PaperTable.Row;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.report.ReportFolder;
import dev.stockpot.report.RunRecord;
import dev.stockpot.tables.ScoreTable;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code stockpot demo}. */
@Command(
        name = "demo",
        description = {
            "Make every soup of the ingredients in the repository, print the paper's table, and write a page about it.",
            "Accuracies in percent, on the test set and on shifted test sets; only the held-out set decides."
        },
        footer = {
            "  stockpot demo",
            "  stockpot demo --family text",
            "  stockpot demo --report demo-page",
            "  stockpot demo --json"
        })
final class DemoCommand implements Callable<Integer> {
    /** The families in the repository. */
    enum FamilyName {
        IMAGES,
        NORMALIZED,
        TEXT
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--family",
            paramLabel = "images|normalized|text",
            defaultValue = "images",
            description = "Convolutional networks on images, the same with batch normalisation, or transformers on text"
                    + " (default: ${DEFAULT-VALUE}).")
    private FamilyName name;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description = "Write the report to DIR/index.html, with its plots as SVG files beside it (default:"
                    + " target/demo-report/FAMILY in the repository).")
    private Path report;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        // The launcher says where the repository is.
        Path home = Path.of(System.getProperty("stockpot.home", ""));
        Path folder = home.resolve("examples/demo").resolve(name.name().toLowerCase(Locale.ROOT));
        Family family = Family.open(folder);
        PaperTable table;
        Optional<Path> page = Optional.empty();
        try (SearchConsole console = common.console(family.ingredients().size())) {
            Optional<Path> into = reportFolder(home, folder.getFileName(), console);
            RunRecord run = new RunRecord(console, List.of(console));
            table = PaperComparison.of(family, common.run(run).build(), run);
            if (into.isPresent()) {
                ReportWriter writer = ReportOptions.writer(
                        into.get(),
                        family.hyperparameters().map(ScoreTable::read),
                        spec,
                        common,
                        family.ingredients(),
                        run);
                page = Optional.of(
                        new DemoReport(family, table).write(folder.getFileName().toString(), writer));
            }
        }
        report(folder, table, page);
        return 0;
    }

    private void report(Path folder, PaperTable table, Optional<Path> page) throws IOException {
        if (common.json()) {
            Json.print(common.out(), json -> write(json, folder, table, page));
        } else {
            print(common.out(), folder, table, page);
        }
    }

    /** Where the report goes: nothing is written outside the repository's build folder unless the user asks for it. */
    private Optional<Path> reportFolder(Path home, Path family, SearchConsole console) {
        Path into = report == null ? home.resolve("target/demo-report").resolve(family) : report;
        try {
            ReportFolder.check(into);
            return Optional.of(into);
        } catch (CheckpointException e) {
            if (report != null) {
                throw e;
            }
            console.note("no report is written; choose another folder with --report DIR: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static void print(PrintWriter out, Path folder, PaperTable table, Optional<Path> page) {
        out.println(Printable.of(table.individual().size() + " fine-tuned models in " + folder));
        out.println();
        DemoTables.methods(table).table().print(out);
        if (table.hasShifts()) {
            out.println();
            DemoTables.shifts(table).table().print(out);
        }
        out.println();
        out.println("The paper's findings, and whether they hold here:");
        for (Finding finding : Findings.of(table)) {
            out.println((finding.shows() ? "  shows:         " : "  does not show: ") + finding.claim() + " ("
                    + finding.numbers() + ").");
        }
        if (page.isPresent()) {
            out.println();
            out.println(Printable.of("report: " + page.get()));
        }
        out.flush();
    }

    private static void write(JsonGenerator json, Path folder, PaperTable table, Optional<Path> page)
            throws IOException {
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
        json.writeStringField("report", page.map(Path::toString).orElse(null));
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
