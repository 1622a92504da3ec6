package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.demo.PaperTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code demo}, end to end on the ingredients in the repository. */
class DemoCommandTest {
    private static Result run(String... words) {
        return TestCommands.run(List.of(words));
    }

    @Test
    void printsThePapersTable() {
        Result result = run("demo");
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.out().endsWith("report: target/demo-report/images/index.html" + System.lineSeparator()));
        for (PaperTable.Kind kind : PaperTable.Kind.values()) {
            boolean normalized = kind.name().endsWith("RECALIBRATED");
            assertEquals(!normalized, result.out().contains(kind.title()), result.out());
        }
        assertTrue(Files.isRegularFile(Path.of("target/demo-report/images/scatter.svg")));
        assertTrue(result.out().contains("12x"), "the ensemble's cost: " + result.out());
        assertTrue(result.out().contains("translation"), result.out());
        assertTrue(result.out().contains("The paper's findings, and whether they hold here"), result.out());
    }

    @Test
    void jsonAndTheReportHoldTheSameForTheFamilyWithBatchNormalisation(@TempDir Path folder) throws IOException {
        Path report = folder.resolve("report");
        Result result = run("demo", "--family", "normalized", "--json", "--quiet", "--report", report.toString());
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
        Path index = report.resolve("index.html");
        assertTrue(result.out().contains("\"report\" : \"" + index + "\""), result.out());
        String page = Files.readString(index);
        for (PaperTable.Kind kind : PaperTable.Kind.values()) {
            assertTrue(page.contains(kind.title().replace("'", "&#39;")), kind.title());
        }
        for (String part :
                new String[] {"findings, and whether they hold here", "ingredient_05", "label_smoothing", "SHA-256"}) {
            assertTrue(page.contains(part), part);
        }
        assertFalse(page.matches("(?s).*(src|href)=[\"']?(https?:)?//.*"), "the page needs the network");
        for (String plot : new String[] {
            "greedy-path", "alpha-model", "alpha-tensor", "loss-model", "loss-tensor", "distances", "angles"
        }) {
            assertTrue(Files.isRegularFile(report.resolve(plot + ".svg")), plot);
        }
    }

    @Test
    void aFamilyWithoutShiftsHasNoFigureOfThemAndAFileForAFolderIsSaid(@TempDir Path folder) throws IOException {
        Result text = run("demo", "--family", "text", "--quiet", "--report", folder.toString());
        assertEquals(0, text.exit(), text.err());
        assertTrue(Files.readString(folder.resolve("index.html")).contains("no shifted test sets"));
        assertFalse(Files.exists(folder.resolve("scatter.svg")));
        Result wrong = run("demo", "--report", folder.resolve("index.html").toString());
        assertEquals(1, wrong.exit());
        assertTrue(wrong.err().contains("cannot be used as a folder for a report"), wrong.err());
    }

    @Test
    void awayFromTheRepositoryItSaysWhereToStart(@TempDir Path elsewhere) {
        System.setProperty("stockpot.home", elsewhere.toString());
        try {
            Result result = run("demo");
            assertEquals(1, result.exit());
            assertTrue(result.err().contains("hint: the demo needs the ingredients of the repository"), result.err());
        } finally {
            System.clearProperty("stockpot.home");
        }
    }
}
