package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.soup.options.Granularity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which tensors share coefficients by layer. */
class GranularityTest {
    @ParameterizedTest
    @CsvSource({
        "encoder.layer.3.output.dense.weight, encoder.layer.3",
        "encoder.layer.3, encoder.layer.3",
        "0.weight, 0",
        "layers.12.experts.4.w1, layers.12",
        "conv1.weight, conv1",
        "bias, bias",
        "a.b1.c, a.b1",
        "a..3.b, a..3",
        "'', ''",
    })
    void aBlockIsNamedUpToItsFirstNumber(String tensor, String group) {
        assertEquals(group, Granularity.LAYER.group(tensor));
    }

    @Test
    void namesOfAnyDepthHaveAGroup() {
        String deep = "part.".repeat(100_000);
        assertEquals(deep + "7", Granularity.LAYER.group(deep + "7.weight"));
        assertEquals(deep.substring(0, deep.length() - 1), Granularity.LAYER.group(deep + "weight"));
    }
}
