package dev.stockpot.cli;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.soup.SearchListener;
import java.io.PrintWriter;
import java.util.Map;
import java.util.stream.Collectors;

/** A search on stderr: a line for each evaluation as it ends, and the progress of what is written. */
final class SearchConsole implements SearchListener, AutoCloseable {
    private final ConsoleListener console;
    private final PrintWriter err;
    private final boolean quiet;
    private final int ingredients;
    private int scored;
    private int tried;

    SearchConsole(CommonOptions common, int ingredients) {
        this.console = common.listener();
        this.err = common.err();
        this.quiet = common.quiet();
        this.ingredients = ingredients;
    }

    @Override
    public void scored(Checkpoint ingredient, Scores scores, boolean kept) {
        String metrics = scores.metrics().entrySet().stream()
                .map((Map.Entry<String, Double> m) -> m.getKey() + " " + Table.number(m.getValue()))
                .collect(Collectors.joining(", "));
        scored++;
        line("scored " + scored + " of " + ingredients + ": " + ingredient.path() + ": " + metrics
                + (kept ? " (from the journal)" : ""));
    }

    @Override
    public void tried(GreedyResult.Trial trial) {
        tried++;
        String what = tried == 1 ? "begun with" : trial.accepted() ? "kept" : "left out";
        line("trial " + tried + ": " + what + " " + trial.ingredient().path() + ", soup scores "
                + Table.number(trial.score()));
    }

    private void line(String text) {
        if (!quiet) {
            err.println(Main.printable(text));
            err.flush();
        }
    }

    @Override
    public void started(long bytes) {
        console.started(bytes);
    }

    @Override
    public void progress(long bytes) {
        console.progress(bytes);
    }

    @Override
    public void finishing() {
        console.finishing();
    }

    @Override
    public void note(String message) {
        console.note(message);
    }

    @Override
    public void close() {
        console.close();
    }
}
