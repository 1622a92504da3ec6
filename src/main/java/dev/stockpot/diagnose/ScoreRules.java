package dev.stockpot.diagnose;

import dev.stockpot.diagnose.Finding.Kind;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** What scores of ingredients and of the lines between them mean for a soup. */
final class ScoreRules {
    /**
     * Relative barrier above which two models do not lie in one basin: Frankle et al. 2020, section 2, count less than 2% of
     * error as no barrier.
     */
    private static final double BARRIER = 0.02;

    /** Relative gap to the best above which an ingredient is weak on its own. Own choice; greedy soups leave it out anyway. */
    private static final double WEAK = 0.1;

    /** How many barriers are reported one by one, the highest first. */
    private static final int BARRIERS_SHOWN = 5;

    private final LineScores scores;
    private final List<Finding> findings;
    private final int models;
    private final double best;

    private ScoreRules(LineScores scores, List<Finding> findings) {
        this.scores = scores;
        this.findings = findings;
        this.models = scores.individual().size();
        this.best = scores.individual().get(scores.best());
    }

    /** Adds the findings. */
    static void apply(LineScores scores, List<Finding> findings) {
        ScoreRules rules = new ScoreRules(scores, findings);
        rules.barriers();
        rules.soups();
    }

    private void barriers() {
        List<LinePath> barriers = scores.lines().stream()
                .filter(line -> line.relativeBarrier() > BARRIER)
                .sorted(Comparator.comparingDouble(line -> -line.barrier()))
                .toList();
        for (LinePath line : barriers.subList(0, Math.min(BARRIERS_SHOWN, barriers.size()))) {
            add(
                    Kind.BARRIER,
                    List.of(line.a(), line.b()),
                    "are separated by a barrier: on the straight line between them " + scores.metric() + " is up to "
                            + DiagnosisRules.number(line.barrier()) + " worse than the line between their own scores.",
                    "They do not share a basin, so do not average them. Usual causes: another pre-trained model, a learning"
                            + " rate that is too high, labels in another order.");
        }
        if (barriers.size() > BARRIERS_SHOWN) {
            add(
                    Kind.BARRIER,
                    List.of(),
                    "On " + (barriers.size() - BARRIERS_SHOWN) + " more of the "
                            + scores.lines().size() + " lines there are lower barriers.",
                    "An ingredient in many of them does not share the others' basin: leave it out first.");
        }
    }

    private void soups() {
        List<Integer> weak = IntStream.range(0, models)
                .filter(i -> Math.abs(best - scores.individual().get(i)) > WEAK * Math.abs(best))
                .boxed()
                .toList();
        if (!weak.isEmpty()) {
            add(
                    Kind.WEAK,
                    weak,
                    "scores more than 10% worse on its own than the best ingredient.",
                    "A uniform soup suffers from it; a greedy soup leaves it out.");
        }
        boolean worse = scores.individual().stream().allMatch(s -> scores.better(s, scores.uniform()));
        if (worse && models > 1) {
            add(
                    Kind.SOUP_WORSE,
                    List.of(),
                    "The uniform soup (" + DiagnosisRules.number(scores.uniform())
                            + ") is worse than every ingredient.",
                    "The ingredients do not lie in one basin: see the findings on barriers and origins for which.");
        } else if (scores.better(scores.uniform(), best)) {
            add(
                    Kind.SOUP_GAINS,
                    List.of(),
                    "The uniform soup (" + DiagnosisRules.number(scores.uniform())
                            + ") is better than the best ingredient (" + DiagnosisRules.number(best) + ").",
                    "A greedy soup begins at the best ingredient and may gain more.");
        }
        List<LinePath> withBest = scores.lines().stream()
                .filter(l -> l.a() == scores.best() || l.b() == scores.best())
                .toList();
        if (withBest.size() == models - 1
                && models > 1
                && withBest.stream().noneMatch(l -> scores.better(l.middle(), best))) {
            add(
                    Kind.GREEDY_KEEPS_NOTHING,
                    List.of(),
                    "No soup of the best ingredient and one other is better than the best" + " alone.",
                    "A greedy soup of these keeps nothing else. "
                            + (findings.stream().anyMatch(f -> f.kind() == Kind.BARRIER)
                                    ? "The barriers say why."
                                    : "There are no barriers, so the others are just too weak, or too much like the best."));
        }
    }

    private void add(Kind kind, List<Integer> ingredients, String text, String meaning) {
        findings.add(new Finding(kind, ingredients, text, meaning));
    }
}
