package dev.stockpot.large;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A heap of 64 MB where no native library loads: what is native memory elsewhere is bounded by the heap then. */
class SmallHeapTest {
    private static final int ELEMENTS = 5_000_000;

    @TempDir
    Path folder;

    private List<Path> ingredients(int count) throws IOException {
        List<Path> files = new ArrayList<>();
        double[] values = new double[ELEMENTS];
        for (int k = 0; k < count; k++) {
            for (int i = 0; i < ELEMENTS; i++) {
                values[i] = k + i % 100;
            }
            files.add(TestFiles.write(
                    folder.resolve("ingredient-" + k + ".safetensors"),
                    Map.of("w", Tensor.f32("[" + ELEMENTS + "]", values))));
        }
        return files;
    }

    private static float[] mean(int count) {
        float[] mean = new float[ELEMENTS];
        for (int i = 0; i < ELEMENTS; i++) {
            mean[i] = (count - 1) / 2f + i % 100;
        }
        return mean;
    }

    @Test
    void doesForSoupsAndSearches() throws Exception {
        StockpotProcess small =
                new StockpotProcess(folder, "", List.of("-Xmx64m", "-Dorg.bytedeco.javacpp.platform=none-none"));
        List<Path> files = ingredients(8);
        Path soup = folder.resolve("soup.safetensors");
        List<Object> words = new ArrayList<>(List.of("uniform", "--threads", 4, "-o", soup));
        words.addAll(files);
        StockpotProcess.Ended ended = small.run(words.toArray());
        assertEquals(0, ended.status(), ended.errors());
        assertArrayEquals(mean(8), Checkpoint.open(soup).floats("w"));

        Path greedy = folder.resolve("greedy.safetensors");
        words = new ArrayList<>(List.of(
                "greedy",
                "--threads",
                4,
                "--scratch",
                folder,
                "-o",
                greedy,
                "--evaluator",
                "cmd:sh -c 'date +%s%N' {checkpoint}"));
        words.addAll(files.subList(0, 3));
        ended = small.run(words.toArray());
        assertEquals(0, ended.status(), ended.errors());
        assertArrayEquals(mean(3), Checkpoint.open(greedy).floats("w"));
    }
}
