package dev.stockpot.cli.output;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.StockpotCommand;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.ReportOptions;
import dev.stockpot.diagnose.Geometry;
import dev.stockpot.report.GeometryParts;
import dev.stockpot.report.ModelParts;
import dev.stockpot.report.Part;
import dev.stockpot.report.Report;
import dev.stockpot.report.ReportFolder;
import dev.stockpot.report.RunParts;
import dev.stockpot.report.RunRecord;
import dev.stockpot.run.MixListener;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.tables.ScoreTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** Puts a command's report together: what is its own first, then what all reports say. */
public final class ReportWriter {
    private final CommandSpec spec;
    private final ReportOptions options;
    private final CommonOptions common;
    private final List<Checkpoint> ingredients;
    private final RunRecord run;
    private final List<Part> parts = new ArrayList<>();

    public ReportWriter(
            CommandSpec spec,
            ReportOptions options,
            CommonOptions common,
            List<Checkpoint> ingredients,
            RunRecord run) {
        this.spec = spec;
        this.options = options;
        this.common = common;
        this.ingredients = ingredients;
        this.run = run;
    }

    public ReportWriter add(List<Part> more) {
        parts.addAll(more);
        return this;
    }

    public ReportWriter add(Part part) {
        parts.add(part);
        return this;
    }

    /** Measures how far the ingredients are apart, which a soup does not need to know. */
    public ReportWriter addDistances(OnMissing onMissing) throws InterruptedException {
        if (ingredients.size() > 1) {
            // A tensor that only some have is kept in a soup, but says nothing of distances.
            OnMissing way = onMissing == OnMissing.ERROR ? onMissing : OnMissing.SKIP;
            parts.add(GeometryParts.distances(
                    Geometry.of(ingredients, null, way, common.settings(), MixListener.silent())));
        }
        return this;
    }

    /** Writes it, and says where; {@code output} is what the run made, or null. */
    public void write(String title, Checkpoint output) {
        run.note("the report is " + writePage(title, output));
    }

    /** Writes it; gives the page. */
    Path writePage(String title, Checkpoint output) {
        if (options.hyperparameters() != null) {
            parts.add(ModelParts.hyperparameters(
                    ingredients, ScoreTable.read(options.hyperparameters()).columns(ingredients)));
        }
        parts.add(ModelParts.files(ingredients));
        if (output != null) {
            parts.add(RunParts.recipe(output.metadata()));
        }
        List<String> typed = spec.commandLine().getParent().getParseResult().originalArgs();
        String command = "stockpot " + String.join(" ", typed);
        parts.add(RunParts.run(command, StockpotCommand.Version.text(), common.settings(), run));
        return ReportFolder.write(options.folder(), new Report(title, parts));
    }
}
