package dev.stockpot.report;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Writes a report into a folder: the page, and each plot as an SVG file beside it. */
public final class ReportFolder {
    /** The page's name. */
    public static final String PAGE = "index.html";

    private ReportFolder() {}

    /**
     * That {@code folder} may be written to, told before a run of hours rather than behind it; creates it.
     *
     * @throws CheckpointException where it may not
     */
    public static void check(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.UNWRITABLE,
                    folder,
                    "is no folder for a report: " + e,
                    Details.of().cause(e));
        }
        if (!Files.isWritable(folder)) {
            throw new CheckpointException(Reason.UNWRITABLE, folder, "is not writable, and the report was to go there");
        }
    }

    /**
     * Writes it; files of an earlier report are replaced, each in one step.
     *
     * @return the page
     * @throws CheckpointException where a file cannot be written
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

    private static void write(Path file, String text) {
        try {
            Path temporary = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".tmp");
            try {
                // Half a surrogate pair in a name becomes a question mark.
                Files.write(temporary, text.getBytes(StandardCharsets.UTF_8));
                // Made for its owner alone, unlike what is written by name.
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
