package dev.stockpot.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What the system says about itself in small text files, such as {@code /proc/meminfo}. */
public final class ProcFile {
    private ProcFile() {}

    /** What follows the colon in the first line that begins with {@code name}; empty if there is none. */
    public static Optional<String> field(String file, String name) {
        for (String line : lines(Path.of(file))) {
            if (line.startsWith(name) && line.contains(":")) {
                return Optional.of(line.substring(line.indexOf(':') + 1).trim());
            }
        }
        return Optional.empty();
    }

    /** The first line; empty if there is none. */
    public static Optional<String> line(String file) {
        String[] lines = lines(Path.of(file));
        return lines.length == 0 ? Optional.empty() : Optional.of(lines[0].trim());
    }

    /** All lines; none if it cannot be read. */
    static String[] lines(Path file) {
        try {
            // No streams: linking their first lambda would cost a short command more than all its reads.
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            return text.isEmpty() ? new String[0] : text.split("\n");
        } catch (IOException | RuntimeException e) {
            return new String[0];
        }
    }
}
