package dev.stockpot.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class OutputsTest {
    private static final int[] LABELS = {0, 1};

    @Test
    void anEnsembleAveragesLogitsAndMayBeRightWhereItsModelsAreWrong() {
        Outputs a = Outputs.of(new double[][] {{4, 5, 0}, {0, 3, 1}}, LABELS);
        Outputs b = Outputs.of(new double[][] {{4, 0, 5}, {0, 1, 3}}, LABELS);
        assertEquals(0.5, a.accuracy());
        assertEquals(0.0, b.accuracy());
        Outputs mean = Outputs.mean(List.of(a, b));
        assertArrayEquals(new double[] {4, 2.5, 2.5}, mean.logits()[0]);
        assertEquals(1.0, mean.accuracy(), "the first of equal logits counts");
    }

    @Test
    void modelsOfDifferentSizesAreAnError() {
        Outputs a = Outputs.of(new double[][] {{1, 2}}, new int[] {0});
        Outputs b = Outputs.of(new double[][] {{1, 2, 3}}, new int[] {0});
        assertThrows(IllegalArgumentException.class, () -> Outputs.mean(List.of(a, b)));
        assertThrows(IllegalArgumentException.class, () -> Outputs.mean(List.of()));
    }
}
