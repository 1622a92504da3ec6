package dev.stockpot.evaluate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a worker's own files. */
class GradientFolderTest {
    @TempDir
    Path folder;

    @Test
    void aFileThatTheWorkerLinksToStaysAsItIs() throws Exception {
        Path own = Files.writeString(folder.resolve("gradients of today"), "values");
        Path link;
        try (GradientFolder gradient = GradientFolder.create(0)) {
            link = gradient.file();
            Files.createSymbolicLink(link, own);
        }
        assertEquals("values", Files.readString(own));
        assertFalse(Files.exists(link));
    }
}
