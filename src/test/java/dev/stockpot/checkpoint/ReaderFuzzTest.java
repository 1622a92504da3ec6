package dev.stockpot.checkpoint;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.stockpot.checkpoint.torch.TorchTemplate;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tests that any bytes are either read or refused with the named error. The normal build runs the corpus in
 * {@code src/test/resources}; with {@code JAZZER_FUZZ=1} one of these tests looks for new inputs.
 */
class ReaderFuzzTest {
    private static final Path FILE = file();

    private static Path file() {
        try {
            Path file = Files.createTempFile("stockpot-fuzz-", ".bin");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void open(byte[] bytes, OpenOptions options) throws IOException {
        Files.write(FILE, bytes);
        try {
            Checkpoint.open(FILE, options);
        } catch (CheckpointException e) {
            // The only error that a damaged file may cause.
        }
    }

    @FuzzTest(maxDuration = "3m")
    void torch(byte[] bytes) throws IOException {
        open(bytes, OpenOptions.defaults());
        open(bytes, OpenOptions.builder().key(".").build());
        writeLike();
    }

    /** Lays out an output with the structure of the file, with its own weights. */
    private static void writeLike() {
        try {
            TorchTemplate template = TorchTemplate.open(FILE, Optional.empty(), Optional.empty());
            List<TensorSpec> weights = Checkpoint.open(FILE).tensors().values().stream()
                    .map(TensorInfo::spec)
                    .toList();
            template.check(weights);
            template.layout(Path.of("out.pt"), weights, Map.of(), Map.of());
        } catch (CheckpointException e) {
            // As above.
        }
    }

    @FuzzTest(maxDuration = "3m")
    void safetensors(byte[] bytes) throws IOException {
        open(bytes, OpenOptions.defaults());
    }
}
