package dev.stockpot.cli.output;

import dev.stockpot.checkpoint.Adapter;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.diagnose.Geometry;
import dev.stockpot.report.GeometryParts;
import dev.stockpot.report.ModelParts;
import dev.stockpot.report.Part;
import dev.stockpot.report.Report;
import dev.stockpot.report.ReportFolder;
import dev.stockpot.report.RunParts;
import dev.stockpot.report.RunRecord;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.tables.ScoreTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Assembles a command's report: the command's own parts first, then those of all reports. */
public final class ReportWriter {
    private final Path folder;
    private final Optional<ScoreTable> hyperparameters;
    private final String command;
    private final List<Checkpoint> ingredients;
    private final RunRecord run;
    private final Run measuring;
    private final List<Part> parts = new ArrayList<>();

    /**
     * @param command as it was typed
     * @param run the record of the run
     * @param measuring how to measure what only the report needs
     */
    public ReportWriter(
            Path folder,
            Optional<ScoreTable> hyperparameters,
            String command,
            List<Checkpoint> ingredients,
            RunRecord run,
            Run measuring) {
        this.folder = folder;
        this.hyperparameters = hyperparameters;
        this.command = command;
        this.ingredients = ingredients;
        this.run = run;
        this.measuring = measuring;
    }

    /** Adds parts, in order. */
    public ReportWriter add(List<Part> more) {
        parts.addAll(more);
        return this;
    }

    /** Adds a part. */
    public ReportWriter add(Part part) {
        parts.add(part);
        return this;
    }

    /** Measures how far the ingredients are apart, which a soup does not need. Factors of adapters have no distances that mean anything. */
    public ReportWriter addDistances(MatchOptions matching) throws InterruptedException {
        if (ingredients.size() > 1 && ingredients.stream().noneMatch(Adapter::isOne)) {
            // A tensor that only some have may be kept in a soup, but says nothing about distances.
            MatchOptions way = matching.onMissing() == OnMissing.KEEP
                    ? matching.toBuilder().onMissing(OnMissing.SKIP).build()
                    : matching;
            parts.add(GeometryParts.distances(Geometry.of(ingredients, Optional.empty(), way, measuring)));
        }
        return this;
    }

    /** Measures the ingredients' geometry, seen from {@code base} if present. */
    ReportWriter addGeometry(Optional<Checkpoint> base) throws InterruptedException {
        Geometry geometry = Geometry.of(ingredients, base, MatchOptions.defaults(), measuring);
        return add(GeometryParts.distances(geometry)).add(GeometryParts.fromOrigin(geometry));
    }

    /** Writes it, and notes where; {@code output} is what the run made, if anything. */
    public void write(String title, Optional<Checkpoint> output) {
        run.note("the report is " + writePage(title, output));
    }

    /** Writes it; returns the page. */
    Path writePage(String title, Optional<Checkpoint> output) {
        hyperparameters.ifPresent(
                table -> parts.add(ModelParts.hyperparameters(ingredients, table.columns(ingredients))));
        parts.add(ModelParts.files(ingredients));
        output.ifPresent(made -> parts.add(RunParts.recipe(made.metadata())));
        parts.add(RunParts.run(command, Version.text(), run));
        return ReportFolder.write(folder, new Report(title, parts));
    }
}
