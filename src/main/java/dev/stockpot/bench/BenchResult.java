package dev.stockpot.bench;

import dev.stockpot.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * The result of a benchmark.
 *
 * @param machine that it was measured on
 * @param limits what the machine reaches in plain reads and writes
 * @param soups what soups reach
 */
public record BenchResult(Machine machine, List<Limit> limits, List<Soup> soups) {
    public BenchResult {
        limits = List.copyOf(limits);
        soups = List.copyOf(soups);
    }

    /** A limit: its name and its times. */
    public record Limit(String name, Samples samples) {}

    /**
     * A soup, and what limits it.
     *
     * @param recipe {@code uniform}, {@code dot} or a merge's method; {@code plain read} for looking at each byte without any work
     * @param dtype of the ingredients
     * @param ingredients how many
     * @param from where they are: {@code page cache}, {@code disk}, or {@code disk, direct} if read past the page cache
     * @param to where the soup goes: {@code memory}, {@code file} or {@code none}
     * @param samples the soup's times
     * @param limitName what its limit is
     * @param limit the times of its limit, in the same rounds
     */
    public record Soup(
            String recipe,
            DType dtype,
            int ingredients,
            String from,
            String to,
            Samples samples,
            String limitName,
            Samples limit) {
        /** The share of its limit's speed that it reached, round by round: 1 is as fast as the limit. */
        public List<Double> shares() {
            List<Double> shares = new ArrayList<>();
            for (int round = 0; round < samples.seconds().size(); round++) {
                shares.add(limit.seconds().get(round) / samples.seconds().get(round));
            }
            return shares;
        }

        /** The median of {@link #shares}. */
        public double share() {
            return Samples.median(shares());
        }
    }
}
