package dev.stockpot.diagnose;

import java.util.List;

/**
 * The scores of ingredients, and of the models between them.
 *
 * @param metric that was scored
 * @param minimize whether a lower score is better
 * @param individual the ingredients' own scores, by number
 * @param uniform the score of the uniform soup of all
 * @param lines between pairs of ingredients
 */
public record LineScores(
        String metric, boolean minimize, List<Double> individual, double uniform, List<LinePath> lines) {
    public LineScores {
        individual = List.copyOf(individual);
        lines = List.copyOf(lines);
    }

    /** The number of the best ingredient; of several the first. */
    public int best() {
        return best(individual, minimize);
    }

    static int best(List<Double> scores, boolean minimize) {
        int best = 0;
        for (int i = 1; i < scores.size(); i++) {
            if (minimize ? scores.get(i) < scores.get(best) : scores.get(i) > scores.get(best)) {
                best = i;
            }
        }
        return best;
    }

    /** Whether score {@code x} is better than {@code y}. */
    public boolean better(double x, double y) {
        return minimize ? x < y : x > y;
    }
}
