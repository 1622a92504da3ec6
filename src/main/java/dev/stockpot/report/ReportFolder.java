package dev.stockpot.report;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Writes a report into a folder: the page, and each plot as an SVG file next to it. */
public final class ReportFolder {
    /** The page's file name. */
    public static final String PAGE = "index.html";

    /** How far from its start a page says who made it. */
    private static final int HEAD_BYTES = 4096;

    private ReportFolder() {}

    /**
     * Creates {@code folder} and checks that it is writable, before a run of hours rather than after it.
     *
     * @throws CheckpointException if it is not
     */
    public static void check(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.UNWRITABLE,
                    folder,
                    "cannot be used as a folder for a report: " + e,
                    Details.of().cause(e));
        }
        if (!Files.isWritable(folder)) {
            throw new CheckpointException(Reason.UNWRITABLE, folder, "is not writable, and the report was to go there");
        }
        Path page = folder.resolve(PAGE);
        if (Files.exists(page) && !isReport(page)) {
            throw new CheckpointException(
                    Reason.NOT_REPLACED,
                    page,
                    "is not a report, so none is written over it",
                    Details.of().hint("choose another folder"));
        }
    }

    /**
     * Writes it; files of an earlier report are replaced, each atomically.
     *
     * @return the page
     * @throws CheckpointException if a file cannot be written
     */
    public static Path write(Path folder, Report report) {
        check(folder);
        for (Part part : report.parts()) {
            if (part instanceof Part.Plot plot) {
                write(folder.resolve(plot.id() + ".svg"), SvgPlot.draw(plot));
            } else if (part instanceof Part.HeatMap map) {
                write(folder.resolve(map.id() + ".svg"), SvgHeatMap.draw(map));
            }
        }
        Path page = folder.resolve(PAGE);
        write(page, Page.write(report));
        return page;
    }

    /** Whether an earlier run has written the page. */
    private static boolean isReport(Path page) {
        if (!Files.isRegularFile(page)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(page)) {
            return new String(in.readNBytes(HEAD_BYTES), StandardCharsets.UTF_8).contains(Page.GENERATOR);
        } catch (IOException e) {
            return false;
        }
    }

    private static void write(Path file, String text) {
        try {
            Path temporary = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".tmp");
            try {
                // An unpaired surrogate in a name becomes a question mark.
                Files.write(temporary, text.getBytes(StandardCharsets.UTF_8));
                // createTempFile makes it readable only by its owner, unlike an ordinary new file.
                Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-r--r--"));
                Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw CheckpointException.unwritable(file, e);
        }
    }
}
