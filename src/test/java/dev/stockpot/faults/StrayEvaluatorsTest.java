package dev.stockpot.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Searches whose evaluators misbehave: the run ends, says what is wrong, and no process outlives it. */
class StrayEvaluatorsTest {
    /**
     * An evaluator.
     *
     * @param script after a line that starts the shell
     * @param says what the run's error says; empty if the run succeeds
     */
    private record Evaluator(String name, String script, String says) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final String RIGHT = Models.SCORE_BY_CONTENT;

    static List<Evaluator> evaluators() {
        return List.of(
                new Evaluator("kills itself", "kill -9 $$", "ended with exit code 137"),
                new Evaluator("fails", RIGHT + "exit 3", "ended with exit code 3"),
                new Evaluator("hangs", "sleep 600", "took longer than 1.0 s"),
                new Evaluator("ignores signals", "trap '' TERM INT HUP; while :; do sleep 1; done", "took longer than"),
                new Evaluator("closes its output and hangs", "exec >&- 2>&-; sleep 600", "took longer than"),
                new Evaluator("floods without end", "yes", "took longer than"),
                new Evaluator("floods stderr without end", "yes >&2", "took longer than"),
                new Evaluator("prints nothing", "true", "printed nothing"),
                new Evaluator("prints words", "echo fine", "neither a number nor a JSON object"),
                new Evaluator("prints half an object", "echo '{\"accuracy\": 0.'", "neither a number nor"),
                new Evaluator("prints no number", "echo NaN", "NaN"),
                new Evaluator("prints no metric", "echo '{\"name\": \"a\"}'", "returned no metric"),
                new Evaluator("cuts the candidate", "chmod u+w \"$1\"; : > \"$1\"; echo 1", "soup|candidate|ROOT"),
                new Evaluator("interrupts the run", "kill -INT $PPID; sleep 600", "130"),
                new Evaluator("terminates the run", "kill -TERM $PPID; sleep 600", "143"),
                new Evaluator("prints much first", "yes | head -c 2000000; yes | head -c 2000000 >&2\n" + RIGHT, ""),
                new Evaluator("prints a long line", "head -c 3000000 /dev/zero | tr '\\0' x; echo\n" + RIGHT, ""),
                new Evaluator("reads stdin", "cat\n" + RIGHT, ""),
                new Evaluator("leaves a child that holds its output", "sleep 600 &\n" + RIGHT, ""),
                new Evaluator("leaves a child that prints on", "(yes | cat) & \n" + RIGHT + "exit 3", "exit code 3"),
                new Evaluator("leaves a daemon", "setsid sh -c 'sleep 600' >/dev/null 2>&1 &\n" + RIGHT, ""),
                new Evaluator("leaves a daemon twice removed", "(setsid sleep 600 >/dev/null 2>&1 &)\n" + RIGHT, ""),
                new Evaluator("forks many", "for i in 1 2 3 4 5 6 7 8 9; do (sleep 600 &) ; done\n" + RIGHT, ""));
    }

    private static Scenario undisturbed() {
        Scenario plain = Scenarios.named("greedy, command");
        List<String> words = new ArrayList<>(plain.words());
        words.remove(plain.inputs().get(2));
        return new Scenario("greedy of two", plain.inputs(), words, plain.output(), plain.setup());
    }

    @ParameterizedTest
    @MethodSource("evaluators")
    void noProcessOutlivesTheRun(Evaluator evaluator) throws Exception {
        Scenario plain = Scenarios.named("greedy, command");
        List<String> words = new ArrayList<>(plain.words());
        words.remove(plain.inputs().get(2));
        words.addAll(List.of("--eval-timeout", "1s"));
        Scenario scenario = new Scenario(evaluator.name(), plain.inputs(), words, plain.output(), folder -> {
            plain.setup().prepare(folder);
            Models.script(folder.path("{in}/score.sh"), evaluator.script());
        });
        try (RunFolder folder = RunFolder.create()) {
            scenario.setup().prepare(folder);
            CommandRun run = CommandRun.start(folder, scenario, Injection.NONE, List.of());
            assertTrue(run.ends(), "it hangs");
            assertEquals(List.of(), run.killStragglers());
            assertEquals(
                    List.of(), folder.leftovers(scenario.output(), run.process().pid()));
            int exit = run.process().exitValue();
            String errors = run.errors();
            if (evaluator.says().isEmpty()) {
                assertEquals(0, exit, errors);
                assertEquals(Trial.expected(undisturbed()).output(), RunFolder.content(folder.path(scenario.output())));
            } else if (evaluator.says().matches("\\d+")) {
                assertEquals(Integer.parseInt(evaluator.says()), exit, errors);
                assertTrue(!errors.contains("error:"), errors);
            } else {
                assertEquals(1, exit, errors);
                assertTrue(errors.matches("(?s).*error: .*(" + evaluator.says() + ").*"), errors);
                assertTrue(!errors.contains("unexpected"), errors);
            }
        }
    }
}
