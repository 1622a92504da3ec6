package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.output.ReportWriter;
import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.report.ReportFolder;
import dev.stockpot.report.RunRecord;
import dev.stockpot.report.tensorboard.TensorBoardListener;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.tables.ScoreTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What every command that makes a report understands. */
public final class ReportOptions {
    @Option(
            names = "--report",
            paramLabel = "DIR",
            description = "Write a page about the run to DIR/index.html, and its plots as SVG files beside it.")
    private Path report;

    @Option(
            names = "--hyperparameters",
            paramLabel = "FILE",
            description = "What the ingredients were trained with, by name, for the report: CSV, JSON or JSON lines.")
    private Path hyperparameters;

    @Option(
            names = "--tensorboard",
            paramLabel = "DIR",
            description = "Write scores and losses to DIR as they come, for TensorBoard.")
    private Path tensorboard;

    /** Whether a report is asked for. */
    public boolean wanted() {
        return report != null;
    }

    /**
     * Begins the report that was asked for, of what the command line says.
     *
     * @param listening whose run is told of
     */
    public ReportWriter writer(
            CommandSpec spec, CommonOptions common, List<Checkpoint> ingredients, Listening listening) {
        return writer(report, Optional.ofNullable(hyperparameters), spec, common, ingredients, listening.run());
    }

    /** Begins a report into {@code folder}, as if it was asked for. */
    public static ReportWriter writer(
            Path folder,
            Optional<Path> hyperparameters,
            CommandSpec spec,
            CommonOptions common,
            List<Checkpoint> ingredients,
            RunRecord run) {
        List<String> typed = spec.commandLine().getParent().getParseResult().originalArgs();
        String command = "stockpot " + String.join(" ", typed);
        return new ReportWriter(folder, hyperparameters, command, ingredients, run, common.silentRun());
    }

    /** What a run tells of itself goes to the console, and to what was asked for. Its owner closes it. */
    public Listening listen(SearchConsole console) {
        if (report != null) {
            ReportFolder.check(report);
        }
        if (hyperparameters != null) {
            // Read again for the report; a file that is none is better told before a long run.
            ScoreTable.read(hyperparameters);
        }
        TensorBoardListener events = tensorboard == null ? null : TensorBoardListener.in(tensorboard);
        List<SearchListener> listeners = new ArrayList<>(List.of(console));
        if (events != null) {
            listeners.add(events);
        }
        return new Listening(new RunRecord(console, listeners), Optional.ofNullable(events));
    }

    /** The listener of a run. */
    public record Listening(RunRecord run, Optional<TensorBoardListener> events) implements AutoCloseable {
        @Override
        public void close() {
            events.ifPresent(TensorBoardListener::close);
        }
    }
}
