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
        assertArrayEquals(new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}, Philox.words(new int[4], 0, 0));
        assertArrayEquals(
                new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
                Philox.words(new int[] {-1, -1, -1, -1}, -1, -1));
        assertArrayEquals(
                new int[] {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
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
