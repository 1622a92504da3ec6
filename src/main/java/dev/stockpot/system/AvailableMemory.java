package dev.stockpot.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory the system could give to files that are read again and again. */
public final class AvailableMemory {
    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final Path CONTAINER = Path.of("/sys/fs/cgroup/memory.max");

    private static final long NONE = Long.MAX_VALUE >> 10;

    /** What a machine can keep anyway, in bytes. */
    private static final long ALWAYS = 1L << 30;

    private AvailableMemory() {}

    /** Whether files of so many bytes can be kept. */
    public static boolean holds(long bytes) {
        return bytes <= ALWAYS || bytes <= bytes();
    }

    /** In bytes, page cache that can be had for it included; more than any model where that cannot be told. */
    public static long bytes() {
        long system = number(MEMINFO, "MemAvailable:") << 10;
        // A container's own, which counts its page cache too; "max" for none.
        return Math.min(system, number(CONTAINER, ""));
    }

    /** The number behind {@code label} at the start of a line; as many KiB as there can be where there is none. */
    private static long number(Path file, String label) {
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith(label)) {
                    String value =
                            line.substring(label.length()).replace("kB", "").trim();
                    return Character.isDigit(value.charAt(0)) ? Long.parseLong(value) : NONE;
                }
            }
        } catch (IOException | RuntimeException e) {
            return NONE;
        }
        return NONE;
    }
}
