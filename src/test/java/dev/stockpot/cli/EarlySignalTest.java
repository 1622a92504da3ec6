package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A command that a signal ends before it has begun. */
class EarlySignalTest {
    /** A JVM that is ending when the command starts in it, as after a signal. */
    static final class Ending {
        private Ending() {}

        /** Ends, and starts a command meanwhile. */
        public static void main(String[] arguments) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> Main.main(arguments)));
            System.exit(143);
        }
    }

    @Test
    void theCommandEndsWithoutAWord() throws Exception {
        ProcessBuilder java = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Ending.class.getName(),
                        "--version"))
                .redirectErrorStream(true);
        // Java would say that it has seen it.
        java.environment().remove("JAVA_TOOL_OPTIONS");
        Process process = java.start();
        assertEquals("", new String(process.getInputStream().readAllBytes()));
        assertEquals(143, process.waitFor());
    }
}
