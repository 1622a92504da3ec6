package dev.stockpot.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What the system says about itself in small text files, such as {@code /proc/meminfo}. */
public final class ProcFile {
    private ProcFile() {}

    /** What follows the colon in the first line that begins with {@code name}; empty if there is none. */
    public static Optional<String> field(String file, String name) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name) && line.contains(":"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst();
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The first line; empty if there is none. */
    public static Optional<String> line(String file) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.map(String::trim).findFirst();
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }
}
