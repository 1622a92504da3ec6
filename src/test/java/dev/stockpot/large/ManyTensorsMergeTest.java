package dev.stockpot.large;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of 50,000 tensors, as mixtures of experts have them, in a heap of 64 MB. */
class ManyTensorsMergeTest {
    private static final int TENSORS = 50_000;
    private static final String LAST = name(TENSORS - 1);

    @TempDir
    static Path folder;

    private static Path base;
    private static Path one;
    private static Path three;

    @BeforeAll
    static void models() throws IOException {
        base = model("base", 0);
        one = model("one", 1);
        three = model("three", 3);
    }

    private static String name(int number) {
        return "model.layers." + number / 1000 + ".mlp.experts." + number % 1000 + ".down_proj.weight";
    }

    private static Path model(String name, double value) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Tensor each = Tensor.bf16("[2, 4]", value, value, value, value, value, value, value, value);
        for (int number = 0; number < TENSORS; number++) {
            tensors.put(name(number), each);
        }
        return TestFiles.write(folder.resolve(name + ".safetensors"), tensors);
    }

    /** The last tensor of a merge of one and three. */
    private static float[] merged(Object... how) throws Exception {
        Path out = folder.resolve("out.safetensors");
        StockpotProcess small = new StockpotProcess(folder, "", List.of("-Xmx64m", "-XX:+UseSerialGC"));
        Object[] command = {"merge", "--force", "-o", out, one, three};
        Object[] all = new Object[command.length + how.length];
        System.arraycopy(command, 0, all, 0, command.length);
        System.arraycopy(how, 0, all, command.length, how.length);
        StockpotProcess.Ended ended = small.run(all);
        assertEquals(0, ended.status(), ended.errors());
        Checkpoint made = Checkpoint.open(out);
        assertEquals(TENSORS, made.tensors().size());
        return made.floats(LAST);
    }

    private static float[] all(float value) {
        return new float[] {value, value, value, value, value, value, value, value};
    }

    @Test
    void averages() throws Exception {
        assertArrayEquals(all(2), merged("--method", "linear", "-p", "weight=1"));
    }

    @Test
    void measuresWholeTensors() throws Exception {
        assertArrayEquals(all(2), merged("--method", "slerp", "-p", "t=0.5"));
    }

    @Test
    void ranksTheElementsOfEach() throws Exception {
        float[] firstHalf = {2, 2, 2, 2, 0, 0, 0, 0};
        assertArrayEquals(
                firstHalf, merged("--method", "ties", "--base", base, "-p", "weight=0.5", "-p", "density=0.5"));
    }

    @Test
    void drawsMasksOfItsOwnForEach() throws Exception {
        Set<Float> sums = Set.of(0f, 0.5f, 1.5f, 2f);
        for (float value : merged(
                "--method",
                "dare_linear",
                "--base",
                base,
                "-p",
                "weight=0.5",
                "-p",
                "density=0.5",
                "-p",
                "rescale=none")) {
            assertTrue(sums.contains(value), "" + value);
        }
    }
}
