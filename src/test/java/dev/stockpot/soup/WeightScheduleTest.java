package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.soup.options.WeightSchedule;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Weights of checkpoints of one run, against values by hand and against what they are derived from. */
class WeightScheduleTest {
    @Test
    void areThoseOfTheFormulas() {
        assertArrayEquals(
                new double[] {0.25, 0.25, 0.25, 0.25}, WeightSchedule.linear().weights(4));
        assertArrayEquals(
                new double[] {0.146446609407, 0.353553390593, 0.353553390593, 0.146446609407},
                WeightSchedule.cosine().weights(4),
                1e-12);
        assertArrayEquals(
                new double[] {0.5, 0.207106781187, 0.158918622597, 0.133974596216},
                WeightSchedule.minusSqrt().weights(4),
                1e-12);
        assertArrayEquals(
                new double[] {0.125, 0.125, 0.25, 0.5}, WeightSchedule.ema(0.5).weights(4));
        assertArrayEquals(new double[] {0, 0, 1}, WeightSchedule.ema(0).weights(3));
        for (String name : List.of("linear", "cosine", "minus-sqrt", "ema:0.999")) {
            assertArrayEquals(new double[] {1}, WeightSchedule.of(name).weights(1), name);
            assertEquals(name, WeightSchedule.of(name).toString());
        }
    }

    /** The merge of a run's checkpoints is the run with each update times the decay there. */
    @Test
    void doWhatADecayOfTheLearningRateDoes() {
        int n = 9;
        Random random = new Random(1);
        double[] updates = random.doubles(n, -1, 1).toArray();
        double[] merge = new double[2];
        double[] decayed = {updates[0], updates[0]};
        double[][] weights = {
            WeightSchedule.cosine().weights(n), WeightSchedule.minusSqrt().weights(n)
        };
        double x = 0;
        for (int i = 0; i < n; i++) {
            x += updates[i];
            double at = i / 9.0;
            double[] s = {(1 + Math.cos(Math.PI * at)) / 2, 1 - Math.sqrt(at)};
            for (int k = 0; k < 2; k++) {
                merge[k] += weights[k][i] * x;
                decayed[k] += i == 0 ? 0 : s[k] * updates[i];
            }
        }
        assertArrayEquals(decayed, merge, 1e-12);
    }

    @Test
    void ofAMovingAverageAreWhatItsStepsGive() {
        double[] weights = WeightSchedule.ema(0.9).weights(5);
        double[] values = {3, -1, 4, 1, -5};
        double average = values[0];
        double merge = weights[0] * values[0];
        for (int i = 1; i < 5; i++) {
            average = 0.9 * average + 0.1 * values[i];
            merge += weights[i] * values[i];
        }
        assertEquals(average, merge, 1e-12);
    }

    @Test
    void weighASoup() throws InterruptedException {
        Checkpoint[] run = new Checkpoint[4];
        for (int i = 0; i < 4; i++) {
            run[i] = Checkpoint.inMemory("step" + i)
                    .put("w", List.of(2L), i == 0 ? 8 : 0, i == 3 ? 8 : 0)
                    .build();
        }
        assertArrayEquals(
                new float[] {1, 4},
                Stockpot.uniform(run).withWeights(WeightSchedule.ema(0.5)).floats("w"));
        assertEquals(
                Stockpot.uniform(run).recipe(),
                Stockpot.uniform(run).withWeights(WeightSchedule.linear()).recipe());
    }

    @Test
    void ofUnknownNamesAreAnError() {
        for (String wrong : List.of("sqrt", "ema", "ema:", "ema:1", "ema:-0.1", "ema:NaN", "Linear")) {
            assertThrows(IllegalArgumentException.class, () -> WeightSchedule.of(wrong), wrong);
        }
    }
}
