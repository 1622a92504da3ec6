package dev.stockpot.large;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.adapter.TestAdapters;
import dev.stockpot.tensor.DType;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An adapter of a base that is several times as large as the memory that folding may take. */
class FoldingMemoryTest {
    private static final int ROWS = 1 << 15;
    private static final int COLUMNS = 1 << 14;
    private static final int RANK = 16;
    private static final long MOST = 256L << 20;

    @TempDir
    Path folder;

    @Test
    void foldingTakesNoMoreThanItMay() throws Exception {
        Path base = TestFiles.sparse(folder.resolve("base.safetensors"), "m.weight", DType.BF16, ROWS, COLUMNS);
        Path adapter = TestAdapters.write(
                folder.resolve("adapter"),
                "'r': " + RANK,
                TestAdapters.linear("m", ROWS, COLUMNS, RANK, DType.F32, new Random(1)));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                                .map(path -> new File(path).getAbsolutePath())
                                .collect(Collectors.joining(File.pathSeparator)),
                        MergedToNowhere.class.getName(),
                        "passthrough",
                        base.toString(),
                        base + "+" + adapter)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> lines = process.inputReader().lines().toList();
        assertEquals(0, process.waitFor(), lines::toString);
        assertEquals(1, lines.size());
        assertTrue(Long.parseLong(lines.get(0).split(" ")[1]) <= MOST, lines::toString);
    }
}
