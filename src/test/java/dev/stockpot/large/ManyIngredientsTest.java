package dev.stockpot.large;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand ingredients in a process that may have 256 files open. */
class ManyIngredientsTest {
    private static final int INGREDIENTS = 1000;
    private static final int ELEMENTS = 50_000;

    @TempDir
    static Path folder;

    private static final List<Object> ingredients = new ArrayList<>();

    /** Ingredient k has k + i % 100 at element i, so that the sums are exact, and a counter, which is copied. */
    @BeforeAll
    static void writeIngredients() throws IOException {
        for (int k = 0; k < INGREDIENTS; k++) {
            double[] values = new double[ELEMENTS];
            for (int i = 0; i < ELEMENTS; i++) {
                values[i] = k + i % 100;
            }
            Map<String, Tensor> model = new LinkedHashMap<>();
            model.put("w", Tensor.f32("[" + ELEMENTS + "]", values));
            byte[] counter = new byte[8];
            ByteBuffer.wrap(counter).order(ByteOrder.LITTLE_ENDIAN).putLong(k);
            model.put("counter", new Tensor(DType.I64, "[1]", counter));
            ingredients.add(TestFiles.write(folder.resolve("ingredient-" + k + ".safetensors"), model));
        }
    }

    private static List<Object> words(Object... first) {
        List<Object> words = new ArrayList<>(List.of(first));
        words.addAll(ingredients);
        return words;
    }

    private static void assertMean(Path soup, int from) {
        float[] expected = new float[ELEMENTS];
        for (int i = 0; i < ELEMENTS; i++) {
            expected[i] = (from + INGREDIENTS - 1) / 2f + i % 100;
        }
        assertArrayEquals(expected, Checkpoint.open(soup).floats("w"));
    }

    @Test
    void makeASoupInWhateverWayTheyAreRead() throws Exception {
        StockpotProcess limited = new StockpotProcess(folder, "ulimit -n 256", List.of());
        for (IoMode io : IoMode.values()) {
            if (!TestFiles.waysToRead(folder).contains(io)) {
                continue;
            }
            Path out = folder.resolve(io + ".safetensors");
            StockpotProcess.Ended ended =
                    limited.run(words("uniform", "--io", io.name().toLowerCase(Locale.ROOT), "-o", out)
                            .toArray());
            assertEquals(0, ended.status(), ended.errors());
            assertMean(out, 0);
        }
    }
}
