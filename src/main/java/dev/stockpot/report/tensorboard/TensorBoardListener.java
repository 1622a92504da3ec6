package dev.stockpot.report.tensorboard;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.options.Epoch;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.options.Trial;
import java.nio.file.Path;
import java.time.Clock;

/** Writes a search's results as curves for TensorBoard: scores by ingredient and trial, losses by step and epoch. */
public final class TensorBoardListener implements SearchListener, AutoCloseable {
    private final EventFile events;
    private int ingredients;
    private int trials;
    private long steps;

    private TensorBoardListener(EventFile events) {
        this.events = events;
    }

    /**
     * Starts an event file in {@code folder}.
     *
     * @throws dev.stockpot.error.CheckpointException if it cannot be written
     */
    public static TensorBoardListener in(Path folder) {
        return new TensorBoardListener(EventFile.create(folder, Clock.systemUTC()));
    }

    @Override
    public void scored(Checkpoint ingredient, Scores scores, boolean kept) {
        write("individual", ++ingredients, scores);
    }

    @Override
    public void tried(Trial trial) {
        trials++;
        events.scalar("greedy/tried", trials, trial.score());
        if (trial.accepted()) {
            events.scalar("greedy/soup", trials, trial.score());
        }
    }

    @Override
    public void stepped(int epoch, int step, int count, double loss) {
        events.scalar("learned/step_loss", ++steps, loss);
    }

    @Override
    public void learned(Epoch epoch, boolean kept) {
        if (epoch.number() > 0) {
            events.scalar("learned/epoch_loss", epoch.number(), epoch.loss());
        }
        write("soup", epoch.number(), epoch.scores());
    }

    @Override
    public void searched(int evaluation, int evaluations, Scores scores, boolean kept) {
        write("searched", evaluation, scores);
    }

    private void write(String group, long step, Scores scores) {
        scores.metrics().forEach((metric, value) -> events.scalar(group + "/" + metric, step, value));
    }

    @Override
    public void close() {
        events.close();
    }
}
