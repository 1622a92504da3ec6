package dev.stockpot.cli;

import static dev.stockpot.cli.TestCommands.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.kernel.cuda.CudaEmulator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole merges with {@code --backend cuda}, on the emulated card: the same bytes as on the CPU, and what stays there. */
class CudaMergeCommandTest extends CudaCommands {
    private static final String BASE = MODELS.get(0);
    private static final List<String> OTHERS = MODELS.subList(1, 3);

    private static String[] options(String method, String... more) {
        return Stream.concat(Stream.of(method.split(" ")), Stream.of(more)).toArray(String[]::new);
    }

    private Result merge(String method, String... more) {
        Path out = folder.resolve("merged.safetensors");
        return run(words("merge", out, OTHERS, options("--method " + method, more)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "linear -p weight=1,0.4",
                "slerp -p t=0.3",
                "ties --base BASE -p weight=1,0.5 -p density=0.3",
                "dare_ties --base BASE -p weight=1,0.5 -p density=0.3 -p rescale=l1 --dtype BF16",
                "della --base BASE -p weight=1 -p density=0.5 --device-memory 2MiB",
                "model_stock --base BASE -p filter_wise=true --threads 3",
                "arcee_fusion --base BASE",
            })
    void aMergeHasTheBytesOfTheCpu(String method) throws IOException {
        List<String> models = method.startsWith("arcee") ? OTHERS.subList(0, 1) : OTHERS;
        String words = "--method " + method.replace("BASE", BASE);
        byte[] cpu = soup("merge", models, options(words, "--backend", "cpu"));
        long launches = CudaEmulator.launches();
        byte[] cuda = soup("merge", models, options(words, "--backend", "cuda"));
        assertTrue(Arrays.equals(cpu, cuda));
        assertEquals(method.startsWith("della"), CudaEmulator.launches() == launches);
    }

    @Test
    void whatStaysOnTheCpuIsTold() {
        String della = "della --base " + BASE + " -p weight=1 -p density=0.5";
        String note = "note: della stays on the CPU, at least in part, for 8 of 8 tensors: ranks within rows";
        Result merged = merge(della, "--backend", "cuda");
        assertTrue(merged.err().contains(note), merged.err());
        assertFalse(merge(della, "--backend", "cpu").err().contains("stays on the CPU"));
        String ties = "ties --base " + BASE + " -p weight=1 -p density=0.5";
        assertFalse(merge(ties, "--backend", "cuda").err().contains("stays on the CPU"));
        Result plan = merge(della, "--backend", "cuda", "--dry-run");
        assertTrue(plan.err().contains(note), plan.err());
        assertTrue(merge(della, "--dry-run", "--json").out().matches("(?s).*\"on_cpu\" ?: ?\"ranks within rows\".*"));
        assertTrue(merge(ties, "--dry-run", "--json").out().matches("(?s).*\"on_cpu\" ?: ?null.*"));
    }
}
