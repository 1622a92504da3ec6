package dev.stockpot.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests that nvcc compiled the CUDA kernels to the arithmetic of their source: each operation rounded to nearest even, none
 * fused by the compiler, none flushed to zero, none approximated.
 */
class PtxTest {
    private static final Path PTX = Path.of("target/native/stockpot.ptx");
    private static final Pattern ARITHMETIC =
            Pattern.compile("\\s((?:add|sub|mul|mad|fma|div|rcp|sqrt|neg|min|max)[.\\w]*\\.f(?:16|32|64)\\S*)\\s");

    private static final List<String> KERNELS = List.of(
            "stockpot_mix_f32", "stockpot_mix_f64", "stockpot_dot", "stockpot_formula_f32", "stockpot_formula_f64");

    private String ptx;

    @BeforeEach
    void read() throws IOException {
        assumeTrue(Files.exists(PTX), "nvcc did not build the kernels");
        ptx = Files.readString(PTX);
    }

    private String text(String kernel) {
        int start = ptx.indexOf(".entry " + kernel);
        int next = ptx.indexOf(".entry ", start + 1);
        return ptx.substring(start, next < 0 ? ptx.length() : next);
    }

    /** How often each arithmetic operation occurs in a kernel. */
    private Map<String, Integer> operations(String kernel) {
        Matcher matcher = ARITHMETIC.matcher(text(kernel));
        Map<String, Integer> operations = new TreeMap<>();
        while (matcher.find()) {
            operations.merge(matcher.group(1), 1, Integer::sum);
        }
        return operations;
    }

    @Test
    void theBuildHoldsAFatBinary() throws IOException {
        byte[] fatbin = Files.readAllBytes(Path.of("target/classes/dev/stockpot/kernel/cuda/stockpot.fatbin"));
        // Its magic number, little-endian.
        assertArrayEquals(new byte[] {0x50, (byte) 0xED, 0x55, (byte) 0xBA}, Arrays.copyOf(fatbin, 4));
    }

    @Test
    void nothingIsFlushedOrApproximated() {
        assertFalse(Pattern.compile("\\.(ftz|approx|sat)\\b").matcher(ptx).find());
    }

    @Test
    void aMixFusesWeightsAndNothingElse() {
        Map<String, Integer> narrow = operations("stockpot_mix_f32");
        // 16 elements per thread.
        assertEquals(16, narrow.get("fma.rn.f32"), narrow::toString);
        assertEquals(16, narrow.get("div.rn.f32"), narrow::toString);
        // Sums, and three output types that round their subnormals, on the fast path and on the path for tails.
        assertEquals(16 + 16 * 3 * 2, narrow.get("add.rn.f32"), narrow::toString);
        Map<String, Integer> wide = operations("stockpot_mix_f64");
        // 8 elements per thread.
        assertEquals(8, wide.get("fma.rn.f64"), wide::toString);
        assertEquals(8, wide.get("div.rn.f64"), wide::toString);
        assertEquals(8, wide.get("add.rn.f64"), wide::toString);
        assertEquals(8, wide.get("mul.rn.f64"), wide::toString);
    }

    @Test
    void aDotFusesExactProductsAlone() {
        Map<String, Integer> dot = operations("stockpot_dot");
        // Eight loads ahead; five types whose products may be exact, and one whose products are not.
        assertEquals(8 * 5, dot.get("fma.rn.f64"), dot::toString);
        assertEquals(8 * 6, dot.get("mul.rn.f64"), dot::toString);
        assertEquals(8 * 6 + 5, dot.get("add.rn.f64"), dot::toString);
    }

    @Test
    void aFormulaFusesWhatItsStepsFuse() {
        Map<String, Integer> narrow = operations("stockpot_formula_f32");
        // 4 elements per thread: FMA, and the products of DOT, which are exact in F64.
        assertEquals(4, narrow.get("fma.rn.f32"), narrow::toString);
        assertEquals(4, narrow.get("fma.rn.f64"), narrow::toString);
        assertEquals(4, narrow.get("sub.rn.f32"), narrow::toString);
        assertEquals(4, narrow.get("div.rn.f32"), narrow::toString);
        // MUL, the decoding of F8_E4M3, and random numbers.
        assertEquals(4 + 4 + 1, narrow.get("mul.rn.f32"), narrow::toString);
        // ADD, and three output types that round their subnormals.
        assertEquals(4 + 4 * 3, narrow.get("add.rn.f32"), narrow::toString);
        Map<String, Integer> wide = operations("stockpot_formula_f64");
        // 2 elements per thread: FMA alone.
        assertEquals(2, wide.get("fma.rn.f64"), wide::toString);
        assertEquals(2, wide.get("sub.rn.f64"), wide::toString);
        assertEquals(2, wide.get("div.rn.f64"), wide::toString);
        // MUL, DOT, and random numbers.
        assertEquals(2 + 2 + 1, wide.get("mul.rn.f64"), wide::toString);
    }

    /** Other threads add to the same counts. */
    @Test
    void countsAreAddedInOneStep() {
        for (String kernel : new String[] {"stockpot_formula_f32", "stockpot_formula_f64"}) {
            assertTrue(text(kernel).matches("(?s).*(atom|red)\\.global\\.add\\.u32.*"), kernel);
        }
    }

    @Test
    void everyOperationRoundsToNearestEven() {
        for (String kernel : KERNELS) {
            for (String operation : operations(kernel).keySet()) {
                assertFalse(!operation.contains(".rn."), kernel + " has " + operation);
            }
        }
    }
}
