package dev.stockpot.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;

/** Runs trials for tests. */
final class Trials {
    private static final int AT_ONCE = 2;
    /** What differs from run to run, or does not matter, in the names of files. */
    private static final Pattern ANY =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{8}-\\d+-\\d+-\\w+|\\d+|(?<=ROOT/in/)[abc](?=\\b)");

    private Trials() {}

    /** Runs all, two at a time, and fails with those that do not end as promised. */
    static void check(List<Trial> trials) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<Ending>> endings = new ArrayList<>();
            trials.forEach(trial -> endings.add(threads.submit(trial::run)));
            List<String> wrong = new ArrayList<>();
            for (int i = 0; i < trials.size(); i++) {
                Ending ending = endings.get(i).get();
                if (!ending.isGood()) {
                    wrong.add("tools/soak " + trials.get(i) + "\n  " + ending);
                }
            }
            assertEquals("", String.join("\n", wrong));
        } finally {
            threads.shutdownNow();
        }
    }

    /** One call of each kind that a scenario makes: each function on each file, at a moment that {@code random} chooses. */
    static Map<Integer, String> kindsOfCalls(Expected expected, Random random) {
        Map<String, List<Integer>> numbers = new LinkedHashMap<>();
        for (int i = 0; i < expected.calls().size(); i++) {
            String kind = ANY.matcher(expected.calls().get(i)).replaceAll("*");
            numbers.computeIfAbsent(kind, k -> new ArrayList<>()).add(i + 1);
        }
        Map<Integer, String> chosen = new LinkedHashMap<>();
        numbers.forEach((kind, all) -> chosen.put(all.get(random.nextInt(all.size())), kind.split(" ")[0]));
        return chosen;
    }
}
