package dev.stockpot.faults;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Runs scenarios with injections at random until the time is over, and prints what came of them; {@code tools/soak} starts
 * it.
 */
final class Soak {
    private static final int THREADS = 2;

    private final Map<String, EnumMap<Ending.Kind, Integer>> table = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();

    private Soak() {}

    /** {@code MINUTES [SEED]}, or {@code --scenario NAME --injection TEXT} to repeat one trial. */
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("--scenario")) {
            Trial trial = new Trial(Scenarios.named(arguments[1]), Injections.parse(arguments[3]));
            Ending ending = trial.run();
            System.out.println(ending);
            System.exit(ending.isGood() ? 0 : 1);
        }
        double minutes = Double.parseDouble(arguments[0]);
        long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
        Soak soak = new Soak();
        soak.run(Instant.now().plus(Duration.ofMillis((long) (minutes * 60_000))), seed);
        soak.print(minutes, seed);
        System.exit(soak.failures.isEmpty() ? 0 : 1);
    }

    private void run(Instant end, long seed) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Random random = new Random(seed * THREADS + i);
            Thread thread = new Thread(() -> run(end, random));
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void run(Instant end, Random random) {
        List<Scenario> scenarios = Scenarios.all();
        while (Instant.now().isBefore(end)) {
            Scenario scenario = scenarios.get(random.nextInt(scenarios.size()));
            if (scenario.isSlow() && random.nextInt(4) > 0) {
                continue;
            }
            try {
                Trial trial = new Trial(scenario, Injections.random(scenario, Trial.expected(scenario), random));
                note(trial, trial.run());
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private synchronized void note(Trial trial, Ending ending) {
        table.computeIfAbsent(trial.injection().kind(), kind -> new EnumMap<>(Ending.Kind.class))
                .merge(ending.kind(), 1, Integer::sum);
        if (!ending.isGood()) {
            failures.add(trial + "\n    " + ending);
            System.err.println(ending + "\n    again: tools/soak " + trial);
        }
    }

    /** Markdown, as docs/reliability.md has it. */
    private void print(double minutes, long seed) {
        System.out.printf(Locale.ROOT, "%n%.0f minutes, seed %d%n%n", minutes, seed);
        StringBuilder header = new StringBuilder("| what befell a run |");
        StringBuilder line = new StringBuilder("|---|");
        for (Ending.Kind kind : Ending.Kind.values()) {
            header.append(' ').append(kind.title).append(" |");
            line.append("---:|");
        }
        System.out.println(header + "\n" + line);
        EnumMap<Ending.Kind, Integer> all = new EnumMap<>(Ending.Kind.class);
        table.forEach((what, ends) -> {
            print(what, ends);
            ends.forEach((kind, count) -> all.merge(kind, count, Integer::sum));
        });
        print("all", all);
    }

    private static void print(String what, EnumMap<Ending.Kind, Integer> ends) {
        StringBuilder row = new StringBuilder("| " + what + " |");
        for (Ending.Kind kind : Ending.Kind.values()) {
            row.append(' ').append(ends.getOrDefault(kind, 0)).append(" |");
        }
        System.out.println(row);
    }
}
