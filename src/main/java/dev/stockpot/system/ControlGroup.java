package dev.stockpot.system;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The limits that containers, batch systems and service managers put on a process's memory (cgroups, version 1 and 2; see the
 * kernel's documentation, admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst). A limit counts for a group and all below it,
 * and the page cache counts too, but is given up when it is needed.
 */
final class ControlGroup {
    private static final long NO_LIMIT = Long.MAX_VALUE;

    /** Where a version's files are, and what they are called. */
    private record Layout(Path mount, String limit, String used, String cache, String shared) {}

    private ControlGroup() {}

    /**
     * What this process may still take: the least that the limits of its group and those above it leave.
     *
     * @param root the system's root folder, for tests another
     * @return bytes; {@link Long#MAX_VALUE} if there is no limit
     */
    static long available(Path root) {
        Path mount = root.resolve("sys/fs/cgroup");
        long available = NO_LIMIT;
        for (String line : ProcFile.lines(root.resolve("proc/self/cgroup"))) {
            String[] fields = line.split(":", 3);
            if (fields.length == 3 && fields[1].isEmpty()) {
                Layout layout = new Layout(mount, "memory.max", "memory.current", "file", "shmem");
                available = Math.min(available, available(layout, fields[2]));
            } else if (fields.length == 3 && List.of(fields[1].split(",")).contains("memory")) {
                Layout layout = new Layout(
                        mount.resolve("memory"),
                        "memory.limit_in_bytes",
                        "memory.usage_in_bytes",
                        "total_cache",
                        "total_shmem");
                available = Math.min(available, available(layout, fields[2]));
            }
        }
        return available;
    }

    private static long available(Layout layout, String group) {
        long available = NO_LIMIT;
        for (Path at : upwards(layout.mount(), group)) {
            long limit = number(ProcFile.line(at.resolve(layout.limit()).toString()));
            if (limit == NO_LIMIT) {
                continue;
            }
            long used = number(ProcFile.line(at.resolve(layout.used()).toString()));
            String[] parts = ProcFile.lines(at.resolve("memory.stat"));
            // Files in memory count as cache, but cannot be given up.
            long cache = Math.max(0, part(parts, layout.cache()) - part(parts, layout.shared()));
            long free = used == NO_LIMIT ? limit : Math.min(limit, limit - used + cache);
            available = Math.min(available, Math.max(0, free));
        }
        return available;
    }

    /** The group's folder and those above it; in a container, which may not see the group's full name, only the mount. */
    private static List<Path> upwards(Path mount, String group) {
        List<Path> folders = new ArrayList<>();
        Path at = mount.resolve(group.replaceFirst("^/+", "")).normalize();
        while (at.startsWith(mount)) {
            folders.add(at);
            at = at.getParent();
        }
        return folders.isEmpty() ? List.of(mount) : folders;
    }

    private static long part(String[] parts, String name) {
        for (String line : parts) {
            if (line.startsWith(name + " ")) {
                long bytes = number(Optional.of(line.substring(name.length() + 1)));
                return bytes == NO_LIMIT ? 0 : bytes;
            }
        }
        return 0;
    }

    /** Version 1 writes a number near 2^63 for no limit, version 2 the word max. */
    private static long number(Optional<String> text) {
        return text.map(String::trim)
                .filter(digits -> digits.matches("[0-9]{1,18}"))
                .map(Long::parseLong)
                .orElse(NO_LIMIT);
    }
}
