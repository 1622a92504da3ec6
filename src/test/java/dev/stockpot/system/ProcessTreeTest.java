package dev.stockpot.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the processes that a process has started. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ProcessTreeTest {
    @TempDir
    Path folder;

    private ProcessTree shell(String script) throws IOException {
        return ProcessTree.start(new ProcessBuilder("sh", "-c", script)
                .directory(folder.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD));
    }

    private ProcessHandle named(String file) throws Exception {
        Path pid = folder.resolve(file);
        while (!Files.exists(pid) || !Files.readString(pid).endsWith("\n")) {
            Thread.sleep(10);
        }
        return ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
    }

    @Test
    void aChildThatOutlivesItsParentIsKilledToo() throws Exception {
        ProcessTree tree = shell("sleep 600 & echo $! > child");
        ProcessHandle child = named("child");
        assertEquals(0, tree.process().waitFor());
        assertTrue(child.isAlive());
        tree.kill();
        assertFalse(child.isAlive());
    }

    @Test
    void aChildInASessionOfItsOwnIsKilledToo() throws Exception {
        ProcessTree tree = shell("setsid sh -c 'echo $$ > child; exec sleep 600' & sleep 600");
        ProcessHandle child = named("child");
        tree.kill();
        assertFalse(child.isAlive());
        assertFalse(tree.process().isAlive());
    }

    @Test
    void othersProcessesStay() throws Exception {
        ProcessTree other = shell("exec sleep 600");
        shell("true").kill();
        assertTrue(other.process().isAlive());
        other.kill();
        assertFalse(other.process().isAlive());
    }
}
