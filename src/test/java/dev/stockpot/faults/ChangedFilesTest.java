package dev.stockpot.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The command while other programs change its files. */
class ChangedFilesTest {
    static List<Scenario> scenarios() {
        return Scenarios.all().stream().filter(scenario -> !scenario.isSlow()).toList();
    }

    /** Each change at one moment of each scenario. */
    @ParameterizedTest
    @MethodSource("scenarios")
    void aFileThatChangesDuringTheRunGivesNoWrongOutput(Scenario scenario) throws Exception {
        Random random = new Random(29 + scenario.name().hashCode());
        int calls = Trial.expected(scenario).calls().size();
        List<Trial> trials = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            trials.add(new Trial(
                    scenario,
                    new CallFault(
                            Integer.toString(1 + random.nextInt(calls)),
                            "",
                            "run",
                            Injections.change(scenario, random))));
        }
        Trials.check(trials);
    }
}
