package dev.stockpot.cli.options;

import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.report.ReportFolder;
import dev.stockpot.report.RunRecord;
import dev.stockpot.report.tensorboard.TensorBoardListener;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.tables.ScoreTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    /** A report into {@code folder}, as if it was asked for. */
    public static ReportOptions into(Path folder, Path hyperparameters) {
        ReportOptions options = new ReportOptions();
        options.report = folder;
        options.hyperparameters = hyperparameters;
        return options;
    }

    /** Whether a report is asked for. */
    public boolean wanted() {
        return report != null;
    }

    /** The folder of the report, or null. */
    public Path folder() {
        return report;
    }

    /** The file of hyperparameters, or null. */
    public Path hyperparameters() {
        return hyperparameters;
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
        return new Listening(new RunRecord(listeners), events);
    }

    /** The listener of a run. */
    public record Listening(RunRecord run, TensorBoardListener events) implements AutoCloseable {
        @Override
        public void close() {
            if (events != null) {
                events.close();
            }
        }
    }
}
