package dev.stockpot.evaluate.torchscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.error.EvaluationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is loaded from a cache that a killed process has left. */
class LibraryCacheTest {
    private static final String LIBRARY = "torch.jar/org/libtorch.so";

    @TempDir
    Path folder;

    private final List<String> loads = new ArrayList<>();

    /** Extracts as JavaCPP does: what is there already is taken for whole. */
    private void load() {
        Path file = folder.resolve(LIBRARY);
        try {
            Files.createDirectories(file.getParent());
            if (!Files.exists(file)) {
                Files.writeString(file, "all of the library");
                loads.add("extracted");
            }
            loads.add(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LibraryCache cache() {
        return new LibraryCache(folder, List.of("torch.jar", "other.jar"));
    }

    private List<String> loaded() {
        loads.clear();
        cache().load(this::load);
        return List.copyOf(loads);
    }

    @Test
    void filesAreExtractedOnce() {
        assertEquals(List.of("extracted", "all of the library"), loaded());
        assertEquals(List.of("all of the library"), loaded());
    }

    @Test
    void nothingIsLoadedFromWhereOthersCanWrite() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        EvaluationException e = assertThrows(EvaluationException.class, this::loaded);
        assertTrue(e.getMessage().contains("other users can change what is in " + folder), e::getMessage);
        assertEquals(List.of(), loads);
    }

    @Test
    void halfALibraryIsExtractedAnew() throws Exception {
        Files.createDirectories(folder.resolve(LIBRARY).getParent());
        Files.writeString(folder.resolve(LIBRARY), "all of");
        assertEquals(List.of("extracted", "all of the library"), loaded());
        Files.writeString(folder.resolve(LIBRARY), "all of the lib");
        assertEquals(List.of("extracted", "all of the library"), loaded(), "cut off after it was complete");
        Files.delete(folder.resolve(LIBRARY));
        assertEquals(List.of("extracted", "all of the library"), loaded());
    }

    @Test
    void aLoadThatFailsLeavesNothingThatCountsAsComplete() {
        LibraryCache cache = cache();
        assertThrows(
                UnsatisfiedLinkError.class,
                () -> cache.load(() -> {
                    load();
                    throw new UnsatisfiedLinkError("no");
                }));
        assertEquals(List.of("extracted", "all of the library"), loaded());
    }
}
