package dev.stockpot.system;

import java.nio.file.Path;

/** How many files the system lets this process have open. */
public final class OpenFileLimit {
    private static final String LINE = "Max open files";
    /** What every system allows. */
    private static final int LEAST = 256;

    private OpenFileLimit() {}

    /** The limit now; the least of all systems' if it is unknown. */
    public static long now() {
        for (String line : ProcFile.lines(Path.of("/proc/self/limits"))) {
            if (line.startsWith(LINE)) {
                String soft = line.substring(LINE.length()).trim().split("\\s+")[0];
                return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
            }
        }
        return LEAST;
    }
}
