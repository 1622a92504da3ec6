package dev.stockpot.checkpoint.torch.pickle;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.zip.ZipWriter;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.io.TempDir;

/** Wraps hand-made pickles in checkpoints. */
abstract class HostilePickles {
    static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    void refuses(String reason, TestPickle pickle) throws IOException {
        Path file = new ZipWriter()
                .add("a/data.pkl", pickle.end())
                .add("a/data/0", new byte[16])
                .write(folder.resolve("hostile.pt"));
        CheckpointException e = Assertions.assertTimeout(
                SOON, () -> assertThrows(CheckpointException.class, () -> Checkpoint.open(file)));
        assertTrue(e.getMessage().contains(reason), e.getMessage());
        assertTrue(e.getMessage().length() < 3000, "a short message");
    }

    int opens(TestPickle pickle) throws IOException {
        Path file = new ZipWriter()
                .add("a/data.pkl", pickle.end())
                .add("a/data/0", new byte[16])
                .write(folder.resolve("fine.pt"));
        return Assertions.assertTimeout(
                SOON, () -> Checkpoint.open(file).tensors().size());
    }

    static TestPickle begin() {
        return TestPickle.begin();
    }
}
