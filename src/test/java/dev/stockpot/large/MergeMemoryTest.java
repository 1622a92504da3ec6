package dev.stockpot.large;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.tensor.DType;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every method with models four times as large as the memory that it may take. */
class MergeMemoryTest {
    private static final long ROWS = 1 << 15;
    private static final long COLUMNS = 1 << 12;
    private static final long MOST = 256L << 20;

    @TempDir
    Path folder;

    @Test
    void noMethodTakesMoreThanItMay() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-cp", classes()));
        command.add(MergedToNowhere.class.getName());
        List<String> methods = MergeMethods.names();
        command.add(String.join(",", methods));
        for (int k = 0; k < 4; k++) {
            command.add(model(k).toString());
        }
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> lines = process.inputReader().lines().toList();
        assertEquals(0, process.waitFor(), lines::toString);
        assertEquals(methods, lines.stream().map(line -> line.split(" ")[0]).toList());
        for (String line : lines) {
            assertTrue(Long.parseLong(line.split(" ")[1]) <= MOST, line);
        }
    }

    private static String classes() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(path -> new File(path).getAbsolutePath())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private Path model(int seed) throws Exception {
        long elements = ROWS * COLUMNS;
        Path file = folder.resolve("model-" + seed + ".safetensors");
        Path made = TestFiles.sparse(file, "w", DType.BF16, ROWS, COLUMNS);
        Random random = new Random(seed);
        ByteBuffer some = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
        while (some.hasRemaining()) {
            some.putShort((short) (Float.floatToIntBits((float) random.nextGaussian()) >>> 16));
        }
        long offset = Checkpoint.open(made).tensor("w").offset();
        try (FileChannel out = FileChannel.open(made, StandardOpenOption.WRITE)) {
            for (long at = 0; at < 2 * elements; at += some.capacity()) {
                out.write(some.rewind(), offset + at);
            }
        }
        return made;
    }
}
