package dev.stockpot.checkpoint;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.stockpot.checkpoint.torch.TorchTemplate;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Any bytes at all are read, or refused by the named error. The normal build runs the corpus in
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
            Checkpoints.open(FILE, options);
        } catch (CheckpointException e) {
            // The one error that a damaged file may end in.
        }
    }

    @FuzzTest(maxDuration = "3m")
    void torch(byte[] bytes) throws IOException {
        open(bytes, OpenOptions.defaults());
        open(bytes, OpenOptions.defaults().withKey("."));
        writeLike();
    }

    /** The structure of the file at hand, with its own weights. */
    private static void writeLike() {
        try {
            TorchTemplate template = Checkpoints.template(FILE, OpenOptions.defaults());
            List<TensorSpec> weights = Checkpoints.open(FILE).tensors().values().stream()
                    .map(t -> new TensorSpec(t.name(), t.dtype(), t.shape()))
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
