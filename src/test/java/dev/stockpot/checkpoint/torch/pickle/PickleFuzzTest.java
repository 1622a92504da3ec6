package dev.stockpot.checkpoint.torch.pickle;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.torch.zip.ZipWriter;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Arbitrary pickles, in an otherwise valid archive. */
class PickleFuzzTest {
    private static final Path FILE = file();

    private static Path file() {
        try {
            Path file = Files.createTempFile("stockpot-fuzz-", ".pt");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @FuzzTest(maxDuration = "3m")
    void pickle(byte[] pickle) throws IOException {
        ZipWriter zip = new ZipWriter().add("a/data.pkl", pickle);
        for (int k = 0; k < 4; k++) {
            zip.add("a/data/" + k, new byte[480]);
        }
        zip.write(FILE);
        for (OpenOptions options : new OpenOptions[] {
            OpenOptions.defaults(), OpenOptions.builder().key(".").build()
        }) {
            try {
                Checkpoint.open(FILE, options);
            } catch (CheckpointException e) {
                // The only error that a damaged file may cause.
            }
        }
    }
}
