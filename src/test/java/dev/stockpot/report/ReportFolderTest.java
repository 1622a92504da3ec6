package dev.stockpot.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** The contents of a report's folder. */
class ReportFolderTest {
    @TempDir
    Path folder;

    @Test
    void eachPlotIsAnSvgFileThatAnXmlReaderTakes() throws Exception {
        Path report = folder.resolve("deep/report");
        ReportFolder.write(report, SampleReport.hostile());
        try (Stream<Path> files = Files.list(report)) {
            assertEquals(
                    List.of("curves.svg", "index.html", "map.svg", "scatter.svg"),
                    files.map(f -> f.getFileName().toString()).sorted().toList());
        }
        for (String name : List.of("curves", "map", "scatter")) {
            Document svg = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(report.resolve(name + ".svg").toFile());
            assertEquals("svg", svg.getDocumentElement().getTagName());
            assertEquals(0, svg.getElementsByTagName("script").getLength());
            assertEquals(0, svg.getElementsByTagName("img").getLength());
        }
    }

    @Test
    void thePageAsksNobodyForAnything() throws IOException {
        Path page = ReportFolder.write(folder, SampleReport.hostile());
        String html = Files.readString(page);
        assertTrue(html.contains("default-src 'none'"));
        assertFalse(html.contains("sourceMappingURL"));
        assertFalse(html.matches("(?s).*<(script|link|img)[^>]+(src|href)=\"(?!data:).*"), "an outside resource");
        assertEquals(3, html.split("<script", -1).length - 1, "scripts on the page");
    }

    @Test
    void anEarlierReportIsReplaced() throws IOException {
        ReportFolder.write(folder, new Report("first", List.of()));
        Path page = ReportFolder.write(folder, new Report("second", List.of()));
        assertTrue(Files.readString(page).contains("<title>second</title>"));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count(), "no temporary files stay");
        }
    }

    @Test
    void aPageOfSomebodyElsesStays() throws IOException {
        Path page = Files.writeString(folder.resolve("index.html"), "<title>my site</title>");
        CheckpointException e = assertThrows(CheckpointException.class, () -> ReportFolder.check(folder));
        assertTrue(e.getMessage().contains("is not a report"), e.getMessage());
        assertThrows(CheckpointException.class, () -> ReportFolder.write(folder, new Report("mine", List.of())));
        assertEquals("<title>my site</title>", Files.readString(page));
    }

    @Test
    void aFileInTheWayIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("taken"), "");
        CheckpointException e = assertThrows(CheckpointException.class, () -> ReportFolder.check(file));
        assertTrue(e.getMessage().contains("taken"), e.getMessage());
    }
}
