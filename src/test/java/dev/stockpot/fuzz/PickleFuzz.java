package dev.stockpot.fuzz;

import dev.stockpot.checkpoint.zip.ZipWriter;
import java.io.IOException;
import java.nio.file.Path;

/** A pickle in an archive that is right otherwise, with four storages. */
final class PickleFuzz implements FuzzTarget {
    private static final int STORAGES = 4;
    private static final int STORAGE_BYTES = 480;

    private final Path file = FuzzTarget.file(".pt");

    @Override
    public void run(byte[] input) throws IOException {
        ZipWriter zip = new ZipWriter().add("a/data.pkl", input);
        for (int k = 0; k < STORAGES; k++) {
            zip.add("a/data/" + k, new byte[STORAGE_BYTES]);
        }
        zip.write(file);
        TorchFuzz.read(file, input);
    }
}
