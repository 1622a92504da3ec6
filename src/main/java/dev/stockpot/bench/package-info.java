/**
 * What this machine can do at most, and what share of it a soup reaches: {@link dev.stockpot.bench.Benchmark}. Every
 * measurement is a {@link dev.stockpot.bench.Probe}; {@link dev.stockpot.bench.Rounds} takes all of them in turn, round after
 * round, so that what disturbs a machine for a while disturbs a soup and its limit alike, and only ratios within one round
 * are formed.
 *
 * <p>What may enter: another probe.
 */
package dev.stockpot.bench;
