package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.demo.PaperTable;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code demo}, end to end on the ingredients in the repository. */
class DemoCommandTest {
    private record Result(int exit, String out, String err) {}

    private static Result run(String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine(words);
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return new Result(line.execute(words), out.toString(), err.toString());
    }

    @Test
    void printsThePapersTable() {
        Result result = run("demo");
        assertEquals(0, result.exit(), result.err());
        for (PaperTable.Kind kind : PaperTable.Kind.values()) {
            boolean normalized = kind.name().endsWith("RECALIBRATED");
            assertEquals(!normalized, result.out().contains(kind.title()), result.out());
        }
        assertTrue(result.out().contains("12x"), "the ensemble's cost: " + result.out());
        assertTrue(result.out().contains("translation"), result.out());
        assertTrue(result.out().contains("What the paper found"), result.out());
    }

    @Test
    void jsonHoldsTheSameForTheFamilyWithBatchNormalisation() {
        Result result = run("demo", "--family", "normalized", "--json", "--quiet");
        assertEquals(0, result.exit(), result.err());
        assertEquals("", result.err());
        for (String part : new String[] {
            "\"family\" : \"normalized\"",
            "\"rows\"",
            "\"individual\"",
            "\"findings\"",
            PaperTable.Kind.UNIFORM_RECALIBRATED.title()
        }) {
            assertTrue(result.out().contains(part), part);
        }
    }

    @Test
    void awayFromTheRepositoryItSaysWhereToStart(@TempDir Path elsewhere) {
        System.setProperty("stockpot.home", elsewhere.toString());
        try {
            Result result = run("demo");
            assertEquals(1, result.exit());
            assertTrue(result.err().contains("hint: the demo runs on the ingredients in the repository"), result.err());
        } finally {
            System.clearProperty("stockpot.home");
        }
    }
}
