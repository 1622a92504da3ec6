package dev.stockpot.soup;

import dev.stockpot.engine.write.OutputCheck;
import java.util.OptionalLong;

/**
 * Where an output first differs from what its recipe makes.
 *
 * @param tensor its name
 * @param element its number from 0, row by row; empty if the tensor as a whole differs, or is missing
 * @param made what it should be: a number with all its digits, the bytes of what is none, or a type and shape
 * @param found what it is
 */
public record OutputDifference(String tensor, OptionalLong element, String made, String found) {
    static OutputDifference of(OutputCheck.Difference found) {
        return new OutputDifference(
                found.tensor(),
                found.element() < 0 ? OptionalLong.empty() : OptionalLong.of(found.element()),
                found.made(),
                found.found());
    }
}
