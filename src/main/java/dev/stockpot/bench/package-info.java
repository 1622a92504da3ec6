/**
 * The machine's limits, and what share of them a soup reaches: {@link dev.stockpot.bench.Benchmark}. Every measurement is a
 * {@link dev.stockpot.bench.Probe}; {@link dev.stockpot.bench.Rounds} runs all of them in turn, round after round, so that a
 * temporary disturbance affects a soup and its limit alike, and only forms ratios within one round.
 *
 * <p>What may enter: another probe.
 */
package dev.stockpot.bench;
