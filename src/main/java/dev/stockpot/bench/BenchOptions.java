package dev.stockpot.bench;

import dev.stockpot.engine.Engine;
import dev.stockpot.generate.Architecture;
import dev.stockpot.tensor.DType;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;

/**
 * What to measure.
 *
 * @param model whose tensors the ingredients have
 * @param bytes of an ingredient, approximately, whatever its type; at least 1
 * @param dtypes of the ingredients, one after the other; float types
 * @param ingredients how many each uniform soup has; each at least 1
 * @param methods of merges to measure, by their names in recipes; may be empty
 * @param rounds that count, at least 1
 * @param scratch the folder for ingredients and outputs, during the run
 * @param engine of the soups; plain reads and writes use as many threads
 */
public record BenchOptions(
        Architecture model,
        long bytes,
        List<DType> dtypes,
        List<Integer> ingredients,
        List<String> methods,
        int rounds,
        Path scratch,
        Engine engine) {
    /** Ingredients of the soups that are measured cold, and of the dot products, if there are that many. */
    private static final int USUAL = 8;

    public BenchOptions {
        dtypes = List.copyOf(dtypes);
        ingredients = List.copyOf(ingredients);
        methods = List.copyOf(methods);
        if (bytes < 1 || rounds < 1 || ingredients.isEmpty() || Collections.min(ingredients) < 1) {
            throw new IllegalArgumentException("bytes, rounds and ingredients should be at least 1 but are " + bytes
                    + ", " + rounds + " and " + ingredients);
        }
    }

    /** How many ingredients cold soups and dot products have. */
    int usual() {
        return Math.min(USUAL, Collections.max(ingredients));
    }

    /** How many checkpoints are needed. */
    public int mostIngredients() {
        int most = Collections.max(ingredients);
        for (String method : methods) {
            most = Math.max(most, MeasuredMerge.of(method).sources());
        }
        return most;
    }

    /** The most that the scratch folder holds, in bytes: ingredients of one type, outputs, files for measuring the disk. */
    public long scratchBytes() {
        return Math.multiplyExact(bytes, mostIngredients() + 2L) + 2 * diskBytes();
    }

    /** Bytes of the memory for plain reads: more than the caches hold. */
    long memoryBytes() {
        return Math.max(1 << 20, Math.min(1L << 30, 4 * bytes));
    }

    /** Bytes of the file for plain reads and writes. */
    long diskBytes() {
        return Math.max(4 << 20, Math.min(1L << 30, 2 * bytes));
    }
}
