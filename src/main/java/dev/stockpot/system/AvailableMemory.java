package dev.stockpot.system;

import java.util.Optional;

/** How much memory the system could give to files that are read again and again. */
public final class AvailableMemory {
    /** A container's own limit, which counts its page cache too; {@code max} for none. */
    private static final String CONTAINER = "/sys/fs/cgroup/memory.max";

    private static final long NO_LIMIT = Long.MAX_VALUE;
    /** What a machine can keep anyway, in bytes. */
    private static final long ALWAYS = 1L << 30;

    private AvailableMemory() {}

    /** Whether files of so many bytes can be kept. */
    public static boolean holds(long bytes) {
        return bytes <= ALWAYS || bytes <= bytes();
    }

    /** In bytes, page cache that can be had for it included; more than any model where that cannot be told. */
    public static long bytes() {
        long system = number(ProcFile.field("/proc/meminfo", "MemAvailable"));
        return Math.min(system == NO_LIMIT ? NO_LIMIT : system << 10, number(ProcFile.line(CONTAINER)));
    }

    /** The number at the start, of KiB or of bytes; no limit where there is none. */
    private static long number(Optional<String> text) {
        return text.map(value -> value.replace("kB", "").trim())
                .filter(value -> value.matches("\\d{1,18}"))
                .map(Long::parseLong)
                .orElse(NO_LIMIT);
    }
}
