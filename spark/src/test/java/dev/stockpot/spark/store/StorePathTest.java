package dev.stockpot.spark.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.util.List;
import java.util.function.Function;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;

/** Paths in stores, which are as the system's own. */
class StorePathTest {
    private static final List<String> TEXTS = List.of(
            "/", "", "a", "/a", "a/b", "/a/b", "/a/b/c.x", "a/../b", "/a/./b", "..", "../a", "/../a", "a//b/", "a/..");

    private final StoreFileSystem store = new StoreFileSystem(URI.create("test://host"), new RawLocalFileSystem());

    /** What it answers, without the store's name. */
    private static String told(Function<Path, Object> question, Path path) {
        try {
            return String.valueOf(question.apply(path)).replace("test://host", "");
        } catch (IllegalArgumentException e) {
            return "IllegalArgumentException";
        }
    }

    private void assertAlike(Function<Path, Object> question) {
        for (String text : TEXTS) {
            assertEquals(told(question, Path.of(text)), told(question, store.getPath(text)), text);
        }
    }

    @Test
    void aPathIsTakenApartAsTheSystemsOwn() {
        assertAlike(path -> path);
        assertAlike(Path::getFileName);
        assertAlike(Path::getParent);
        assertAlike(Path::getRoot);
        assertAlike(Path::getNameCount);
        assertAlike(Path::normalize);
        assertAlike(path -> path.subpath(0, 2));
        assertAlike(Path::isAbsolute);
    }

    @Test
    void twoPathsAreComparedAndJoinedAsTheSystemsOwn() {
        for (String text : TEXTS) {
            assertAlike(path -> path.resolve(text));
            assertAlike(path -> path.resolveSibling(text));
            assertAlike(path -> path.startsWith(text));
            assertAlike(path -> path.endsWith(text));
            assertAlike(path -> path.equals(path.getFileSystem().getPath(text)));
            assertAlike(
                    path -> Integer.signum(path.compareTo(path.getFileSystem().getPath(text))));
        }
    }

    @Test
    void theWayFromOnePathToAnotherIsAsTheSystemsOwn() {
        List<String> plain = TEXTS.stream()
                .filter(text -> !text.contains("..") && !text.contains("/."))
                .toList();
        for (String from : plain) {
            for (String to : plain) {
                assertEquals(
                        told(path -> path.relativize(path.getFileSystem().getPath(to)), Path.of(from)),
                        told(path -> path.relativize(path.getFileSystem().getPath(to)), store.getPath(from)),
                        from + " to " + to);
            }
        }
    }

    @Test
    void anAbsolutePathNamesItsStore() {
        StorePath path = store.getPath("/folder/a file#1");
        assertEquals("test://host/folder/a file#1", path.toString());
        assertEquals(path, store.getPath("test://host/folder/a file#1"));
        assertEquals("test://host/folder/a%20file%231", path.toUri().toString());
        assertEquals(path, store.getPath("folder/a file#1").toAbsolutePath());
    }

    @Test
    void storesAreNotMixed() {
        assertThrows(ProviderMismatchException.class, () -> store.getPath("/a").resolve(Path.of("b")));
    }
}
