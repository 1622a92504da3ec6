package dev.stockpot.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The command when it is killed, or asked to end. */
class KilledRunsTest {
    private static final int POINTS = 3;

    static List<Scenario> scenarios() {
        return Scenarios.all().stream()
                .filter(scenario -> !scenario.isSlow() && !scenario.output().isEmpty())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void whereverItIsKilledTheOutputIsWholeOrAbsentAndTheNextRunMakesIt(Scenario scenario) throws Exception {
        List<Integer> points = new ArrayList<>(
                Trials.kindsOfCalls(Trial.expected(scenario), new Random(28)).keySet());
        // Of the calls that make the output, rather than those that read the inputs.
        List<Trial> trials = new ArrayList<>();
        for (int k = 1; k <= POINTS; k++) {
            int point = points.get(points.size() - 1 - (POINTS - k) * (points.size() - 1) / POINTS);
            trials.add(new Trial(
                    scenario, new CallFault(Integer.toString(point), "", k % 2 == 0 ? "kill" : "kill-after")));
        }
        Trials.check(trials);
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void aSignalLeavesNothing(Scenario scenario) throws Exception {
        long whole = Trial.expected(scenario).milliseconds();
        Trials.check(List.of(
                new Trial(scenario, new SignalFault("TERM", whole / 2)),
                new Trial(scenario, new SignalFault("INT", whole * 3 / 4))));
    }

    /** As on network file systems, which cannot exchange two folders. */
    @Test
    void withoutAnExchangeOfFoldersTheOldModelComesBack() throws Exception {
        Scenario scenario = Scenarios.named("uniform over a directory");
        List<Trial> trials = new ArrayList<>();
        trials.add(new Trial(scenario, new Lacking("renameat2", new CallFault("0", "", "none"))));
        for (int rename = 2; rename <= 3; rename++) {
            CallFault killed = new CallFault(Integer.toString(rename), "rename", "kill-after");
            trials.add(new Trial(scenario, new Lacking("renameat2", killed)));
        }
        Trials.check(trials);
    }

    @Test
    void aModelThatWasMovedAsideIsThereAgainForTheNextRun() throws Exception {
        Scenario scenario = Scenarios.named("uniform over a directory");
        try (RunFolder folder = RunFolder.create()) {
            scenario.setup().prepare(folder);
            Map<String, String> old = RunFolder.content(folder.path(scenario.output()));
            Injection killed = new Lacking("renameat2", new CallFault("1", "rename", "kill-after"));
            assertTrue(CommandRun.start(folder, scenario, killed, List.of()).ends());
            assertEquals(Map.of(), RunFolder.content(folder.path(scenario.output())));
            List<String> words = new ArrayList<>(scenario.words());
            words.remove("--force");
            Scenario without = new Scenario("without --force", scenario.inputs(), words, scenario.output(), f -> {});
            CommandRun next = CommandRun.start(folder, without, Injection.NONE, List.of());
            assertTrue(next.ends());
            assertTrue(next.errors().contains("exists already"), next.errors());
            assertEquals(old, RunFolder.content(folder.path(scenario.output())));
            CommandRun last = CommandRun.start(folder, scenario, Injection.NONE, List.of());
            assertTrue(last.ends());
            assertEquals(Trial.expected(scenario).output(), RunFolder.content(folder.path(scenario.output())));
            assertEquals(List.of(), folder.leftovers(scenario.output(), 0));
        }
    }

    /** The new model is there; of the old one, which is still aside, the user is told. */
    @Test
    void anOldModelThatStaysAsideIsToldAndGoesWithTheNextRun() throws Exception {
        Scenario scenario = Scenarios.named("uniform over a directory");
        try (RunFolder folder = RunFolder.create()) {
            scenario.setup().prepare(folder);
            Injection last = new Lacking("renameat2", new CallFault("3", "rename", "fail:EIO"));
            CommandRun run = CommandRun.start(folder, scenario, last, List.of());
            assertTrue(run.ends());
            assertEquals(0, run.process().exitValue(), run.errors());
            assertTrue(run.errors().contains("but the replaced model is still in "), run.errors());
            assertEquals(Trial.expected(scenario).output(), RunFolder.content(folder.path(scenario.output())));
            assertEquals(1, folder.leftovers(scenario.output(), 0).size());
            CommandRun next = CommandRun.start(folder, scenario, Injection.NONE, List.of());
            assertTrue(next.ends());
            assertEquals(0, next.process().exitValue(), next.errors());
            assertEquals(List.of(), folder.leftovers(scenario.output(), 0));
        }
    }

    /** The disk may take minutes to write what the page cache holds. */
    @Test
    void controlCEndsARunThatWaitsForTheDisk() throws Exception {
        Scenario scenario = Scenarios.named("uniform to a file");
        try (RunFolder folder = RunFolder.create()) {
            scenario.setup().prepare(folder);
            Injection slow = new CallFault("1", "fsync", "delay:600000");
            CommandRun run = CommandRun.start(folder, scenario, slow, List.of());
            while (run.process().isAlive()
                    && folder.leftovers(scenario.output(), 0).isEmpty()) {
                Thread.sleep(10);
            }
            // It has a few tiles to write first.
            Thread.sleep(500);
            assertEquals(
                    0,
                    new ProcessBuilder(
                                    "kill", "-INT", Long.toString(run.process().pid()))
                            .start()
                            .waitFor());
            assertTrue(run.process().waitFor(1, TimeUnit.MINUTES), "it waits for the disk");
            assertEquals(130, run.process().exitValue(), run.errors());
            assertEquals("interrupted: nothing was written; the same command starts again\n", run.errors());
            assertEquals(
                    List.of(), folder.leftovers(scenario.output(), run.process().pid()));
        }
    }

    /** A file system that lacks a call, and what else happens. */
    private record Lacking(String call, CallFault fault) implements Injection {
        @Override
        public String text() {
            return "lacking " + call + ", " + fault.text();
        }

        @Override
        public Map<String, String> environment() {
            Map<String, String> variables = new LinkedHashMap<>(fault.environment());
            variables.put("FAULT_LACKS", call);
            return variables;
        }

        @Override
        public int signal() {
            return fault.signal();
        }

        @Override
        public boolean mayLeave() {
            return fault.mayLeave();
        }
    }
}
