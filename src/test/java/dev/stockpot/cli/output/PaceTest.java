package dev.stockpot.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What is said of evaluations that take as long as a clock in the test says. */
class PaceTest {
    private static long now;

    private final Pace pace = new Pace() {
        @Override
        long nanos() {
            return now;
        }
    };

    private String after(double seconds, int left) {
        now += Math.round(seconds * 1e9);
        return pace.next(left);
    }

    @Test
    void tellsTheTimeOfOneAndOfAllThatAreLeft() {
        assertEquals(" (4.0 s; 7 left, about 28 s)", after(4, 7));
        assertEquals(" (6.0 s; 6 left, about 30 s)", after(6, 6));
        assertEquals(" (5.0 s)", after(5, 0));
    }

    @Test
    void whatIsKnownAlreadyTellsNothingOfWhatIsMeasured() {
        assertEquals("", after(0, 9));
        assertEquals("", after(0.0001, 8));
        assertEquals(" (10 s; 7 left, about 70 s)", after(10, 7));
    }

    @Test
    void shortEvaluationsAreNotTimed() {
        assertEquals("", after(0.05, 3));
        assertEquals(" (0.2 s; 2 left, about 0.2 s)", after(0.15, 2));
    }

    @Test
    void longTimesAreInMinutesAndHours() {
        assertEquals(" (90 s; 10 left, about 15 min)", after(90, 10));
        assertEquals(" (7 min; 600 left, about 42.5 h)", after(420, 600));
    }
}
