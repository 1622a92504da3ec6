package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.output.ReportWriter;
import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.report.ReportFolder;
import dev.stockpot.report.RunRecord;
import dev.stockpot.report.tensorboard.TensorBoardListener;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.tables.ScoreTable;
import dev.stockpot.text.ShellWords;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options of every command that writes a report. */
public final class ReportOptions {
    @Option(
            names = "--report",
            paramLabel = "DIR",
            description = "Write a report to DIR/index.html, with its plots as SVG files beside it.")
    private Path report;

    @Option(
            names = "--hyperparameters",
            paramLabel = "FILE",
            description = "The ingredients' hyperparameters for the report: CSV with a column of names, JSON or JSON"
                    + " lines.")
    private Path hyperparameters;

    /** Read once, as a pipe can be, and before a long run. */
    private ScoreTable table;

    @Option(
            names = "--tensorboard",
            paramLabel = "DIR",
            description = "Write scores and losses to DIR for TensorBoard, as they arrive.")
    private Path tensorboard;

    /** Whether a report is asked for. */
    public boolean wanted() {
        return report != null;
    }

    /**
     * Starts the report that the command line asks for.
     *
     * @param listening listener of the run to report on
     */
    public ReportWriter writer(
            CommandSpec spec, CommonOptions common, List<Checkpoint> ingredients, Listening listening) {
        return writer(report, Optional.ofNullable(table), spec, common, ingredients, listening.run());
    }

    /** Starts a report in {@code folder}, asked for or not. */
    public static ReportWriter writer(
            Path folder,
            Optional<ScoreTable> hyperparameters,
            CommandSpec spec,
            CommonOptions common,
            List<Checkpoint> ingredients,
            RunRecord run) {
        List<String> typed = spec.commandLine().getParent().getParseResult().originalArgs();
        String command = "stockpot " + ShellWords.join(typed);
        return new ReportWriter(folder, hyperparameters, command, ingredients, run, common.silentRun());
    }

    /** A listener that passes a run's events to the console and to the requested outputs; the caller closes it. */
    public Listening listen(SearchConsole console) {
        if (report != null) {
            ReportFolder.check(report);
        }
        if (hyperparameters != null) {
            table = ScoreTable.read(hyperparameters);
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
