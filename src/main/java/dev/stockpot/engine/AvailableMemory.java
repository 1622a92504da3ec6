package dev.stockpot.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** How much memory the system could give to files that are read again and again. */
public final class AvailableMemory {
    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final Path CONTAINER = Path.of("/sys/fs/cgroup/memory.max");

    /** What a machine can keep anyway, in bytes. */
    private static final long ALWAYS = 1L << 30;

    private AvailableMemory() {}

    /** Whether files of so many bytes can be kept. */
    public static boolean holds(long bytes) {
        return bytes <= ALWAYS || bytes <= bytes();
    }

    /** In bytes, page cache that can be had for it included; more than any model where that cannot be told. */
    public static long bytes() {
        long system = first(MEMINFO, line -> line.startsWith("MemAvailable:"), 1 << 10);
        // A container's own, which counts its page cache too; "max" for none.
        return Math.min(system, first(CONTAINER, line -> line.matches("\\d+"), 1));
    }

    private static long first(Path file, Predicate<String> wanted, long unit) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(wanted)
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * unit)
                    .findFirst()
                    .orElse(Long.MAX_VALUE);
        } catch (IOException | UncheckedIOException e) {
            return Long.MAX_VALUE;
        }
    }
}
