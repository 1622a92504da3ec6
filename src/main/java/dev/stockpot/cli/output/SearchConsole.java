package dev.stockpot.cli.output;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.evaluate.MetricDirection;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.options.Epoch;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.options.Trial;
import dev.stockpot.text.Printable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A search on stderr: a line for each evaluation as it ends, and the progress of what is written. */
public final class SearchConsole implements RunListener, SearchListener, AutoCloseable {
    private static final long STEP_EVERY_NANOS = 5_000_000_000L;

    private final ConsoleListener console;
    private final PrintWriter err;
    private final boolean quiet;
    private final int ingredients;
    private final Pace evaluations = new Pace();
    private final Pace epochs = new Pace();
    private int trials;
    private int lastEpoch;
    private int scored;
    private int tried;
    private long lastStep = System.nanoTime();
    private boolean descends;
    private volatile String kept;
    private final Map<Checkpoint, Scores> found = Collections.synchronizedMap(new IdentityHashMap<>());

    /**
     * @param console for progress and notes; it is closed with this
     * @param ingredients how many are scored
     */
    public SearchConsole(ConsoleListener console, PrintWriter err, boolean quiet, int ingredients) {
        this.console = console;
        this.err = err;
        this.quiet = quiet;
        this.ingredients = ingredients;
    }

    /** Says how many passes over the ingredients follow their own scores, without the one that a soup begins with. */
    public SearchConsole expectingPasses(int passes) {
        trials = (int) Math.min((ingredients - 1L) * passes, Integer.MAX_VALUE);
        return this;
    }

    /** Says how many epochs there are, at most. */
    public SearchConsole expectingEpochs(int epochs) {
        lastEpoch = epochs;
        return this;
    }

    @Override
    public void scored(Checkpoint ingredient, Scores scores, boolean kept) {
        scored++;
        found.put(ingredient, scores);
        int left = (int) Math.min(ingredients - scored + (long) trials, Integer.MAX_VALUE);
        line("scored " + scored + " of " + ingredients + ": " + ingredient.path() + ": " + text(scores) + from(kept)
                + evaluations.next(left));
    }

    @Override
    public void stepped(int epoch, int step, int steps, double loss) {
        long now = System.nanoTime();
        if (now - lastStep > STEP_EVERY_NANOS) {
            lastStep = now;
            line("epoch " + epoch + ", step " + step + " of " + steps + ": loss " + Table.number(loss));
        }
    }

    @Override
    public void learned(Epoch epoch, boolean kept) {
        descends = true;
        String what = epoch.number() == 0
                ? "start"
                : "epoch " + epoch.number() + " of " + lastEpoch + ": loss " + Table.number(epoch.loss());
        line(what + ": soup " + text(epoch.scores()) + from(kept) + epochs.next(lastEpoch - epoch.number()));
    }

    @Override
    public void searched(int evaluation, int count, Scores scores, boolean kept) {
        line("evaluation " + evaluation + " of " + count + ": " + text(scores) + from(kept)
                + evaluations.next(count - evaluation));
    }

    @Override
    public void saved(Path journal, int count) {
        kept = count + (descends ? " epoch" : " score") + (count == 1 ? " is" : "s are") + " kept in " + journal;
    }

    /** What the run would go on with if it ended now, in a sentence; empty if that is nothing. */
    public Optional<String> kept() {
        return Optional.ofNullable(kept).map(what -> what + "; the same command goes on from there");
    }

    /** The scores of an ingredient, if it has been scored. */
    public Optional<Scores> scores(Checkpoint ingredient) {
        return Optional.ofNullable(found.get(ingredient));
    }

    private static String from(boolean kept) {
        return kept ? " (from the journal)" : "";
    }

    /** Scores in a line. */
    public static String text(Scores scores) {
        return scores.metrics().entrySet().stream()
                .map((Map.Entry<String, Double> m) -> m.getKey() + " " + Table.number(m.getValue()))
                .collect(Collectors.joining(", "));
    }

    @Override
    public void decides(Objective objective, boolean assumed) {
        String name = objective.metric().orElseThrow();
        Optional<MetricDirection> usual = MetricDirection.of(name);
        if (assumed && name.equals(Scores.UNNAMED)) {
            note(
                    "the evaluator's score has no name, so it is maximized: higher counts as better; --minimize reverses that");
        } else if (assumed && objective.minimize()) {
            note(name + " is minimized: lower counts as better; --maximize reverses that");
        } else if (!name.equals(Scores.UNNAMED) && usual.isPresent() && !usual.equals(objective.direction())) {
            warning((objective.minimize() ? "the lowest " : "the highest ") + name + " counts as the best, as --"
                    + objective.direction().orElseThrow() + " says");
        }
    }

    @Override
    public void tried(Trial trial) {
        tried++;
        String what = tried == 1 ? "started with" : trial.accepted() ? "kept" : "left out";
        int left = Math.max(0, trials + 1 - tried);
        line("trial " + tried + ": " + what + " " + trial.ingredient().path() + ", soup scores "
                + Table.number(trial.score()) + evaluations.next(left));
    }

    private void line(String text) {
        if (!quiet) {
            err.println(Printable.of(text));
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
    public void warning(String message) {
        console.warning(message);
    }

    @Override
    public void close() {
        console.close();
    }
}
