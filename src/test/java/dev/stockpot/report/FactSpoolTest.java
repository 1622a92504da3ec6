package dev.stockpot.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.merge.Fact;
import java.util.List;
import org.junit.jupiter.api.Test;

class FactSpoolTest {
    private static List<Fact> facts(int tensor) {
        return List.of(
                new Fact.Number("cosine", tensor / 7.0),
                new Fact.Word("branch", tensor % 2 == 0 ? "lerp" : "slerp"),
                new Fact.ByModel("kept", List.of(tensor + 0.5, Double.NaN)));
    }

    /** Some 5 MB: most of it goes to the file, the last is still in memory. */
    @Test
    void givesBackTheFactsOfVeryManyTensors() {
        try (FactSpool spool = new FactSpool()) {
            for (int t = 0; t < 60_000; t++) {
                spool.found("tensor " + t, facts(t));
            }
            for (int t = 59_999; t >= 0; t -= 7) {
                assertEquals(facts(t), spool.of("tensor " + t));
            }
            assertEquals(List.of(), spool.of("another"));
        }
    }
}
