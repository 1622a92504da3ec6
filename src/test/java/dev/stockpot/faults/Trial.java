package dev.stockpot.faults;

import dev.stockpot.faults.Ending.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** One scenario that one injection befalls. */
record Trial(Scenario scenario, Injection injection) {
    private static final Map<String, Expected> KNOWN = new ConcurrentHashMap<>();

    /** What comes of the scenario undisturbed. */
    static Expected expected(Scenario scenario) throws IOException, InterruptedException {
        return expected(scenario, null);
    }

    /** What comes of it with a changed input. */
    static Expected expected(Scenario scenario, FileChange change) throws IOException, InterruptedException {
        String key = scenario.name() + (change == null ? "" : change.file());
        Expected known = KNOWN.get(key);
        if (known == null) {
            known = undisturbed(scenario, change);
            KNOWN.put(key, known);
        }
        return known;
    }

    private static Expected undisturbed(Scenario scenario, FileChange change) throws IOException, InterruptedException {
        try (RunFolder folder = RunFolder.create()) {
            scenario.setup().prepare(folder);
            if (change != null) {
                Files.move(
                        folder.path("{in}/other"),
                        folder.path(change.file()),
                        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
            long start = System.nanoTime();
            CommandRun run = CommandRun.start(folder, scenario, new Recording(), List.of());
            run.ends();
            long milliseconds = (System.nanoTime() - start) / 1_000_000;
            Path log = folder.path("{log}/calls");
            List<String> calls = Files.exists(log)
                    ? Files.readAllLines(log).stream()
                            .map(line -> folder.plain(line.substring(line.indexOf(' ') + 1)))
                            .toList()
                    : List.of();
            Map<String, String> output =
                    scenario.output().isEmpty() ? Map.of() : RunFolder.content(folder.path(scenario.output()));
            if (change == null && run.errors().contains("error:")) {
                throw new IOException(scenario + " fails undisturbed: " + run.errors());
            }
            return new Expected(run.process().exitValue(), output, run.printed(), calls, milliseconds);
        }
    }

    /** Counts the calls. */
    private static final class Recording implements Injection {
        @Override
        public String text() {
            return "nothing";
        }

        @Override
        public Map<String, String> environment() {
            Map<String, String> variables = new java.util.LinkedHashMap<>(new CallFault("0", "", "none").environment());
            variables.put("FAULT_LOG", "{log}/calls");
            return variables;
        }
    }

    /** Runs it, and if it was killed or left something, runs the command again, undisturbed. */
    Ending run() throws IOException, InterruptedException {
        if (!injection.isPossible()) {
            return Ending.of(Kind.SKIPPED);
        }
        Expected expected = expected(scenario);
        try (RunFolder folder = RunFolder.create()) {
            scenario.setup().prepare(folder);
            Map<String, String> before = content(folder);
            CommandRun run = CommandRun.start(folder, scenario, injection, List.of());
            injection.during(run.process());
            boolean ended = run.ends();
            List<String> stragglers = run.killStragglers();
            Judgement judgement = new Judgement(scenario, injection, expected, folder, run);
            Ending ending = ended ? judgement.of(before) : new Ending(Kind.HANG, run.errors());
            boolean killed = ended && run.process().exitValue() == 128 + 9;
            if (ending.isGood() && !killed && !stragglers.isEmpty()) {
                return new Ending(Kind.LEFT_BEHIND, "processes " + stragglers);
            }
            List<String> left =
                    folder.leftovers(scenario.output(), run.process().pid());
            if (ending.isGood() && !left.isEmpty() && !injection.mayLeave()) {
                return new Ending(Kind.LEFT_BEHIND, left.toString());
            }
            boolean again = killed || !left.isEmpty() || (ending.kind() == Kind.RIGHT_ERROR && isJournalLeft(folder));
            return ending.isGood() && again ? again(folder, ending, killed) : ending;
        }
    }

    private boolean isJournalLeft(RunFolder folder) {
        return !scenario.output().isEmpty() && Files.exists(folder.path(scenario.output() + ".journal.jsonl"));
    }

    private Map<String, String> content(RunFolder folder) throws IOException {
        return scenario.output().isEmpty() ? Map.of() : RunFolder.content(folder.path(scenario.output()));
    }

    /** The next run, which nothing befalls: it resumes a search, and sweeps what a killed one has left. */
    private Ending again(RunFolder folder, Ending first, boolean killed) throws IOException, InterruptedException {
        if (injection.change() != null) {
            return first;
        }
        Path output = folder.path(scenario.output());
        boolean exists = Files.exists(output, LinkOption.NOFOLLOW_LINKS);
        CommandRun run = CommandRun.start(
                folder,
                scenario,
                Injection.NONE,
                exists && !scenario.output().isEmpty() && !scenario.replaces() ? List.of("--force") : List.of());
        if (!run.ends()) {
            return new Ending(Kind.HANG, "the next run: " + run.errors());
        }
        if (!content(folder).equals(expected(scenario).output())
                || run.process().exitValue() != expected(scenario).exit()) {
            return new Ending(
                    Kind.WRONG,
                    "the next run, after " + first + ", made another output: exit "
                            + run.process().exitValue() + " " + run.errors());
        }
        List<String> left = folder.leftovers(scenario.output(), run.process().pid());
        if (!left.isEmpty()) {
            return new Ending(Kind.LEFT_BEHIND, "after the next run: " + left);
        }
        return killed ? Ending.of(Kind.KILLED) : first;
    }

    @Override
    public String toString() {
        return "--scenario '" + scenario.name() + "' --injection '" + injection.text() + "'";
    }
}
