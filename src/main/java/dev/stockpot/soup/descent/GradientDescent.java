package dev.stockpot.soup.descent;

import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.evaluate.GradientEvaluator.Batch;
import dev.stockpot.evaluate.GradientEvaluator.Gradient;
import dev.stockpot.evaluate.MetricDirection;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.options.Epoch;
import dev.stockpot.soup.options.LearnedOptions;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import java.util.ArrayList;
import java.util.List;

/** Learns a soup's coefficients by AdamW on the held-out set's cross-entropy, epoch by epoch. */
public final class GradientDescent {
    private final LearnedOptions options;
    private final GradientEvaluator evaluator;
    private final DescentJournal journal;
    private final DescentPass pass;
    private final SearchListener listener;
    private final Batches batches;

    public GradientDescent(
            LearnedOptions options,
            GradientEvaluator evaluator,
            DescentJournal journal,
            DescentPass pass,
            SearchListener listener) {
        this.options = options;
        this.evaluator = evaluator;
        this.journal = journal;
        this.pass = pass;
        this.listener = listener;
        this.batches = new Batches(options, evaluator.examples());
    }

    /** Learns, from {@code first}; resumes from what is in the journal. */
    public Learned run(Coefficients first) throws InterruptedException {
        List<DescentState> states = new ArrayList<>();
        for (String entry : journal.entries()) {
            DescentState.read(entry, first, options.learningRate(), journal)
                    .filter(state -> state.epoch().number() == states.size() && states.size() <= options.epochs())
                    .ifPresent(state -> {
                        states.add(state);
                        journal.saved(state);
                        listener.learned(state.epoch(), true);
                    });
        }
        if (states.isEmpty()) {
            AdamW optimizer = new AdamW(options.learningRate(), first.parameters().length);
            keep(states, List.of(), first, optimizer);
        }
        while (states.size() <= options.epochs() && !isPatienceOver(states)) {
            learn(states);
        }
        return result(states);
    }

    private void learn(List<DescentState> states) throws InterruptedException {
        DescentState last = states.get(states.size() - 1);
        int epoch = states.size();
        List<int[]> all = batches.of(epoch - 1);
        List<Double> losses = new ArrayList<>();
        Coefficients coefficients = last.coefficients();
        // A copy: an epoch that fails halfway must not change the last state.
        AdamW optimizer = last.optimizer().copy();
        for (int b = 0; b < all.size(); b++) {
            String step = "step " + (optimizer.steps() + 1) + " (epoch " + epoch + ", batch " + (b + 1) + ")";
            Candidate candidate = pass.candidate("the soup at " + step, coefficients);
            try (Gradient gradient = evaluator.gradient(candidate, new Batch(all.get(b), coefficients.beta()))) {
                losses.add(gradient.loss());
                check(step, Double.isFinite(gradient.loss()), "the loss is " + gradient.loss() + ",", coefficients);
                Coefficients moved = pass.step(gradient, coefficients, optimizer);
                check(step, moved.isFinite(), "the gradient is", coefficients);
                coefficients = moved;
            }
            listener.stepped(epoch, b + 1, all.size(), losses.get(b));
        }
        keep(states, losses, coefficients, optimizer);
    }

    /** Stops if a number is not finite; the last good coefficients stay in the journal. */
    private void check(String step, boolean finite, String what, Coefficients good) {
        if (finite) {
            return;
        }
        journal.add(json -> {
            json.writeStringField("stopped", step + ": " + what + " not finite");
            DescentState.write(json, good);
        });
        throw new SoupException(
                Reason.DIVERGED,
                step + ": " + what + " not finite",
                Details.of().hint("the journal keeps the coefficients before it; a lower learning rate may help"));
    }

    private void keep(List<DescentState> states, List<Double> losses, Coefficients coefficients, AdamW optimizer)
            throws InterruptedException {
        int number = states.size();
        Scores scores = evaluator.evaluate(
                pass.candidate("the soup after epoch " + number, coefficients),
                new Batch(batches.scored(), coefficients.beta()));
        DescentState state = new DescentState(new Epoch(number, losses, scores), coefficients, optimizer);
        states.add(state);
        journal.add(state);
        listener.learned(state.epoch(), false);
    }

    /** Whether the best loss on the examples held back is too many epochs ago. */
    private boolean isPatienceOver(List<DescentState> states) {
        return batches.holdsBack() && states.size() - 1 - best(states) >= options.patience();
    }

    /** The number of the epoch whose soup has the lowest loss; of several, the first. */
    private int best(List<DescentState> states) {
        int best = 0;
        for (int e = 1; e < states.size(); e++) {
            best = states.get(e).loss() < states.get(best).loss() ? e : best;
        }
        return best;
    }

    private Learned result(List<DescentState> states) throws InterruptedException {
        DescentState start = states.get(0);
        DescentState taken = states.get(batches.holdsBack() ? best(states) : states.size() - 1);
        Scores before = asWritten("the soup that it started from", start);
        Scores after = asWritten("the soup", taken);
        boolean worse = !(taken.loss() <= start.loss()) || isWorse(before, after);
        return new Learned(
                taken.coefficients(),
                states.stream().skip(1).map(DescentState::epoch).toList(),
                after.main(),
                before,
                after,
                worse);
    }

    /**
     * Whether what is written is worse in its loss and in its main metric: ingredients that are too sure of themselves let
     * beta alone lower the loss. Of a lower loss with a metric that is as good but for a few examples, nothing is said.
     */
    private static boolean isWorse(Scores before, Scores after) {
        String main = after.main();
        return DescentState.loss(after) > DescentState.loss(before)
                && (main.equals(DescentState.LOSS)
                        // A metric whose direction is not known speaks for nothing.
                        || MetricDirection.of(main).isEmpty()
                        || Objective.named(main)
                                .better(
                                        before.get(main).orElse(Double.NaN),
                                        after.get(main).orElseThrow(),
                                        0));
    }

    /** The scores of what is written: on all examples, and without beta, which is no part of a soup. */
    private Scores asWritten(String name, DescentState state) throws InterruptedException {
        return !batches.holdsBack() && state.coefficients().beta() == 1
                ? state.epoch().scores()
                : evaluator.evaluate(pass.candidate(name, state.coefficients()));
    }
}
