package dev.stockpot.faults;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The command on full disks, under limits, without what it is used to, and in other languages. */
class SurroundingsTest {
    static List<Surroundings> surroundings() {
        return Surroundings.all();
    }

    @ParameterizedTest
    @MethodSource("surroundings")
    void itSucceedsOrSaysWhyNot(Surroundings surroundings) throws Exception {
        List<Scenario> scenarios = new ArrayList<>(Scenarios.all());
        scenarios.removeIf(Scenario::isSlow);
        Collections.shuffle(scenarios, new Random(surroundings.text().hashCode()));
        List<Trial> trials = new ArrayList<>();
        for (Scenario scenario : scenarios.subList(0, 1)) {
            trials.add(new Trial(scenario, surroundings));
        }
        Trials.check(trials);
    }
}
