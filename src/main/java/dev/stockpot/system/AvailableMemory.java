package dev.stockpot.system;

import java.nio.file.Path;
import java.util.Optional;

/** How much memory the system can give to files that are read repeatedly. */
public final class AvailableMemory {
    private static final long NO_LIMIT = Long.MAX_VALUE;
    /** What any machine can keep, in bytes. */
    private static final long ALWAYS = 1L << 30;

    private AvailableMemory() {}

    /** Whether files of {@code bytes} in total can be kept in memory. */
    public static boolean holds(long bytes) {
        return bytes <= ALWAYS || bytes <= bytes();
    }

    /** Available bytes within all limits, page cache that can be reclaimed included; more than any model if unknown. */
    public static long bytes() {
        long system = number(ProcFile.field("/proc/meminfo", "MemAvailable"));
        return Math.min(system == NO_LIMIT ? NO_LIMIT : system << 10, ControlGroup.available(Path.of("/")));
    }

    /** A number of KiB or bytes; no limit if there is none. */
    private static long number(Optional<String> text) {
        return text.map(value -> value.replace("kB", "").trim())
                .filter(value -> value.matches("\\d{1,18}"))
                .map(Long::parseLong)
                .orElse(NO_LIMIT);
    }
}
