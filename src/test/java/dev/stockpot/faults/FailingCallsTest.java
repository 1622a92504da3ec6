package dev.stockpot.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The command while the system's calls on files fail. */
class FailingCallsTest {
    /** Of the kinds of calls that a scenario makes; tools/soak comes to all. */
    private static final int SAMPLE = 6;

    static List<Scenario> scenarios() {
        return Scenarios.all().stream().filter(scenario -> !scenario.isSlow()).toList();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void aCallThatFailsEndsInTheRightResultOrAnOrderlyError(Scenario scenario) throws Exception {
        Random random = new Random(26 + scenario.name().hashCode());
        List<Map.Entry<Integer, String>> calls = new ArrayList<>(
                Trials.kindsOfCalls(Trial.expected(scenario), random).entrySet());
        Collections.shuffle(calls, random);
        List<Trial> trials = new ArrayList<>();
        for (Map.Entry<Integer, String> call : calls.subList(0, Math.min(SAMPLE, calls.size()))) {
            String number = Integer.toString(call.getKey());
            trials.add(new Trial(scenario, new CallFault(number, "", CallFault.error(call.getValue(), random))));
        }
        Trials.check(trials);
    }

    /** Each write of an output that is partly a copy of the first ingredient. */
    @Test
    void aDiskThatIsFullOrAKillWhileTheFirstIsCopiedLeavesNoHalf() throws Exception {
        Scenario scenario = Scenarios.named("uniform to ONNX");
        List<String> calls = Trial.expected(scenario).calls();
        List<Trial> trials = new ArrayList<>();
        for (int k = 0; k < calls.size(); k++) {
            if (calls.get(k).matches("write .*/out/.*")) {
                String number = Integer.toString(k + 1);
                for (String act : List.of("fail:ENOSPC", "short", "kill", "kill-after")) {
                    trials.add(new Trial(scenario, new CallFault(number, "", act)));
                }
            }
        }
        assertTrue(trials.size() >= 8, calls::toString);
        Trials.check(trials);
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void callsThatKeepFailingOrComeShortDoNoHarmEither(Scenario scenario) throws Exception {
        int calls = Trial.expected(scenario).calls().size();
        Random random = new Random(27);
        Trials.check(List.of(
                new Trial(scenario, new CallFault(1 + random.nextInt(calls) + "+", "", CallFault.error("", random))),
                new Trial(scenario, new CallFault("%30:" + random.nextInt(99), "", CallFault.error("", random))),
                new Trial(scenario, new CallFault("%2:" + random.nextInt(99), "", "short"))));
    }
}
