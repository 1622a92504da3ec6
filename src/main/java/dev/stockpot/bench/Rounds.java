package dev.stockpot.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs probes in turn, round after round, after one warm-up round that does not count. */
final class Rounds {
    private Rounds() {}

    /**
     * The times of each probe by its name, one per round.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    static Map<String, Samples> run(List<Probe> probes, int rounds) throws IOException, InterruptedException {
        Map<String, List<Double>> seconds = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            for (Probe probe : probes) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("cancelled");
                }
                probe.prepare().run();
                long start = System.nanoTime();
                probe.run().run();
                double took = (System.nanoTime() - start) / 1e9;
                if (round > 0) {
                    seconds.computeIfAbsent(probe.name(), n -> new ArrayList<>())
                            .add(took);
                }
            }
        }
        Map<String, Samples> samples = new LinkedHashMap<>();
        probes.forEach(p -> samples.put(p.name(), new Samples(p.bytes(), seconds.get(p.name()))));
        return samples;
    }
}
