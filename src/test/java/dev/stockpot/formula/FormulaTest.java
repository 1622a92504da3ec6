package dev.stockpot.formula;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.formula.FormulaBuilder.Value;
import org.junit.jupiter.api.Test;

/** Tests what formulas are made of; {@code FormulaKernelsTest} tests what they compute. */
class FormulaTest {
    /** The known answers of the Random123 library for zeros, ones and the digits of pi. */
    @Test
    void philoxHasItsKnownAnswers() {
        assertArrayEquals(new int[] {0x5f6fb709, 0x0d893f64, 0x4f121f81, 0x4f730a48}, Philox.words(new int[4], 0, 0));
        assertArrayEquals(
                new int[] {0x5207ddc2, 0x45165e59, 0x4d8ee751, 0x8c52f662},
                Philox.words(new int[] {-1, -1, -1, -1}, -1, -1));
        assertArrayEquals(
                new int[] {0x4dfccaba, 0x190a87f0, 0xc47362ba, 0xb6b5242a},
                Philox.words(new int[] {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0));
    }

    @Test
    void valuesThatNobodyUsesAreLeftOutAndRegistersUsedAgain() {
        FormulaBuilder p = Formula.builder();
        Value x = p.source(0);
        p.mul(x, x);
        for (int k = 0; k < 100; k++) {
            x = p.add(x, p.constant(1));
        }
        p.out(x);
        Formula formula = p.build();
        assertEquals(102, formula.code().steps().length / FormulaCode.STEP);
        assertEquals(1, formula.code().registers());
    }
}
