package dev.stockpot.system;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who can change what is in a folder. */
class TrustedFolderTest {
    @TempDir
    Path folder;

    private Path inner;

    @BeforeEach
    void makeFolders() throws IOException {
        inner = Files.createDirectories(folder.resolve("outer/inner"));
        allow(inner, "rwx------");
        allow(inner.getParent(), "rwxr-xr-x");
    }

    private static void allow(Path place, String rights) throws IOException {
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString(rights));
    }

    @Test
    void theUsersOwnIsTrusted() throws Exception {
        assertTrue(TrustedFolder.is(inner));
    }

    @Test
    void oneThatAllCanWriteToIsNot() throws Exception {
        allow(inner, "rwx----w-");
        assertFalse(TrustedFolder.is(inner));
    }

    @Test
    void oneBelowAFolderThatAllCanWriteToIsNotUnlessThatIsSticky() throws Exception {
        allow(inner.getParent(), "rwxrwxrwx");
        assertFalse(TrustedFolder.is(inner), "it can be renamed, and another put in its place");
        assertTrue(new ProcessBuilder("chmod", "+t", inner.getParent().toString())
                        .start()
                        .waitFor()
                == 0);
        assertTrue(TrustedFolder.is(inner));
    }

    @Test
    void aGroupIsTrustedIfItIsTheUsersAlone() throws Exception {
        allow(inner, "rwxrwx---");
        boolean own = Files.getAttribute(inner, "posix:group")
                .toString()
                .equals(Files.getAttribute(inner, "posix:owner").toString());
        assertTrue(TrustedFolder.is(inner) == own);
    }

    @Test
    void anotherUsersIsNot() throws Exception {
        assumeTrue(
                new ProcessBuilder("chown", "12345", inner.toString()).start().waitFor() == 0, "not root");
        assertFalse(TrustedFolder.is(inner));
    }

    @Test
    void aLinkIsWhatItLeadsTo() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), inner);
        assertTrue(TrustedFolder.is(link));
        allow(inner, "rwxrwxrwx");
        assertFalse(TrustedFolder.is(link));
    }

    @Test
    void whatIsMissingCannotBeLookedAt() {
        assertThrows(IOException.class, () -> TrustedFolder.is(folder.resolve("missing")));
    }
}
