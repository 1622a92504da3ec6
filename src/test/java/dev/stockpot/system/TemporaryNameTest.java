package dev.stockpot.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which temporary files are leftovers of killed runs. */
class TemporaryNameTest {
    @TempDir
    Path folder;

    private Path file(String name) throws Exception {
        return Files.createFile(folder.resolve(name));
    }

    /** The name of a file that a process with this number would have made. */
    private static String by(String name, long process) {
        return name.replaceFirst("-" + ProcessHandle.current().pid() + "-", "-" + process + "-");
    }

    @Test
    void aLiveProcessesFilesStayAndADeadOnesAreLeft() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        String own = TemporaryName.of("soup.pt");
        file(own);
        assertEquals(List.of(), TemporaryName.leftovers(folder, "soup.pt"), "this process's");
        Path left = file(by(own, ended.pid()));
        assertEquals(List.of(left), TemporaryName.leftovers(folder, "soup.pt"));
        Path reused = file(by(own, 1));
        assertEquals(
                Set.of(left, reused),
                Set.copyOf(TemporaryName.leftovers(folder, "soup.pt")),
                "another process has the number of the one that made it");
        assertEquals(List.of(), TemporaryName.leftovers(folder, "other.pt"));
        assertEquals(List.of(), TemporaryName.leftovers(folder, "soup"));
        assertEquals(List.of(), TemporaryName.leftovers(folder.resolve("missing"), "soup.pt"));
    }

    @Test
    void filesOfOtherMachinesAndStrangersNamesStay() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        String left = by(TemporaryName.of("soup.pt"), ended.pid());
        Path elsewhere = file(left.replaceFirst("soup\\.pt\\.[0-9a-f]{8}", "soup.pt.00000000"));
        file(".soup.pt.tmp");
        file(".soup.pt.backup.tmp");
        file(left + "x");
        assertEquals(List.of(), TemporaryName.leftovers(folder, "soup.pt"));
        assertEquals(List.of(elsewhere), TemporaryName.madeElsewhere(folder, "soup.pt"));
        assertEquals(List.of(), TemporaryName.madeElsewhere(folder, "other.pt"));
    }

    @Test
    void filesFromBeforeARestartAreLeft() throws Exception {
        String own = TemporaryName.of("soup.pt");
        Path left = file(own.replaceFirst("(soup\\.pt\\.[0-9a-f]{8})-[0-9a-f]{8}", "$1-00000000"));
        assertEquals(List.of(left), TemporaryName.leftovers(folder, "soup.pt"));
    }

    @Test
    void namesOfAnyLengthFit() throws Exception {
        String longest = "😀".repeat(62) + ".pt";
        String name = TemporaryName.of(longest);
        assertTrue(name.getBytes(StandardCharsets.UTF_8).length <= 255, name);
        file(name);
        assertNotEquals(name, TemporaryName.of(longest));
        assertFalse(TemporaryName.of("a").contains("/"));
    }
}
