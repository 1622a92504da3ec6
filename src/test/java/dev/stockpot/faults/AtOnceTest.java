package dev.stockpot.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several runs at the same time. */
class AtOnceTest {
    private static final int RUNS = 3;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "uniform to a file",
                "uniform over a file",
                "uniform to PyTorch",
                "uniform to a directory",
                "uniform over a directory",
                "uniform to memory",
                "greedy, command"
            })
    void ofRunsWithOneOutputOneWinsAndTheOthersSaySo(String name) throws Exception {
        Scenario scenario = Scenarios.named(name);
        try (RunFolder folder = RunFolder.create()) {
            scenario.setup().prepare(folder);
            List<CommandRun> runs = start(folder, scenario, Injection.NONE);
            int won = 0;
            for (CommandRun run : runs) {
                assertTrue(run.ends());
                won += run.process().exitValue() == 0 ? 1 : 0;
                boolean isOrderly = run.process().exitValue() == 0
                        || run.errors().matches("(?s).*error: ROOT/.*|.*error: MEMORY/.*");
                assertTrue(isOrderly && !run.errors().contains("unexpected"), run.errors());
            }
            for (CommandRun run : runs) {
                assertEquals(
                        List.of(),
                        folder.leftovers(scenario.output(), run.process().pid()));
            }
            assertEquals(Trial.expected(scenario).output(), RunFolder.content(folder.path(scenario.output())));
            assertTrue(won == 1 || (won > 1 && scenario.replaces()), won + " won");
        }
    }

    private static List<CommandRun> start(RunFolder folder, Scenario scenario, Injection injection) throws Exception {
        List<CommandRun> runs = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            runs.add(CommandRun.start(folder, scenario, injection, List.of()));
        }
        return runs;
    }

    /** The native library is extracted by the first. */
    @Test
    void firstRunsAtOnceAllSucceed() throws Exception {
        Scenario scenario = Scenarios.named("inspect");
        Expected expected = Trial.expected(scenario);
        for (int round = 0; round < 2; round++) {
            try (RunFolder folder = RunFolder.create()) {
                scenario.setup().prepare(folder);
                Injection fresh = new Injection() {
                    @Override
                    public String text() {
                        return "an empty cache";
                    }

                    @Override
                    public List<String> options() {
                        return List.of("-Duser.home={log}/home");
                    }
                };
                for (CommandRun run : start(folder, scenario, fresh)) {
                    assertTrue(run.ends());
                    assertEquals(0, run.process().exitValue(), run.errors());
                    assertEquals("", run.errors());
                    assertEquals(expected.printed(), run.printed());
                }
            }
        }
    }
}
