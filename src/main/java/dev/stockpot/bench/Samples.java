package dev.stockpot.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * The times that one thing took, round by round.
 *
 * @param bytes that it moved each time
 * @param seconds one per round, at least one
 */
public record Samples(long bytes, List<Double> seconds) {
    public Samples {
        seconds = List.copyOf(seconds);
    }

    /** The median time in seconds. */
    public double median() {
        return median(seconds);
    }

    /** The shortest time in seconds. */
    public double min() {
        return seconds.stream().mapToDouble(s -> s).min().orElseThrow();
    }

    /** The longest time in seconds. */
    public double max() {
        return seconds.stream().mapToDouble(s -> s).max().orElseThrow();
    }

    /** The speed at which the bytes move in {@code time} seconds, in 10^9 bytes per second. */
    public double gigabytesPerSecond(double time) {
        return bytes / time / 1e9;
    }

    /** The times of two things that follow each other, added round by round; with the bytes of this. */
    Samples plus(Samples other) {
        List<Double> sums = new ArrayList<>();
        for (int round = 0; round < seconds.size(); round++) {
            sums.add(seconds.get(round) + other.seconds.get(round));
        }
        return new Samples(bytes, sums);
    }

    /** The middle value; of an even number of values, the mean of the middle two. */
    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }
}
