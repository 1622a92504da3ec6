package dev.stockpot.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Surroundings that a run may find itself in.
 *
 * @param shell a script that ends in running {@code "$@"}; {@code $FAULT_OUT} and others are the run's folders
 * @param options the JVM's
 * @param lost what of the run's words does not arrive
 */
record Surroundings(
        String text, Needs needs, String shell, List<String> options, Map<String, String> environment, Lost lost)
        implements Injection {
    /** What a script needs. */
    enum Needs {
        NOTHING,
        /** To mount file systems in a name space of its own. */
        MOUNTS
    }

    /** Which words are lost. */
    enum Lost {
        NOTHING,
        PRINTED,
        ERRORS
    }

    private static final String RUN = "; exec \"$@\"";

    static List<Surroundings> all() {
        List<Surroundings> all = new ArrayList<>(List.of(
                lost("stdout closed", "exec \"$@\" >&-", Lost.PRINTED),
                lost("stdout on a full disk", "exec \"$@\" >/dev/full", Lost.PRINTED),
                lost("stderr closed", "exec \"$@\" 2>&-", Lost.ERRORS),
                lost("stderr on a full disk", "exec \"$@\" 2>/dev/full", Lost.ERRORS),
                lost("stdin closed", "exec \"$@\" <&-", Lost.NOTHING),
                lost("all three closed", "exec \"$@\" <&- >&- 2>&-", Lost.ERRORS),
                shell("256 open files", "ulimit -n 256"),
                shell("40 open files", "ulimit -n 40"),
                shell("files of at most 8 KB", "ulimit -f 16"),
                shell("3 GB of addresses", "ulimit -v 3000000"),
                shell("a missing folder for temporary files", "rmdir \"$FAULT_TMP\""),
                java("a heap of 64 MB", "-Xmx64m"),
                java("a heap of 16 MB", "-Xmx16m"),
                java("no native library", "-Dorg.bytedeco.javacpp.platform=none-none"),
                java("no native library and a heap of 64 MB", "-Xmx64m", "-Dorg.bytedeco.javacpp.platform=none-none"),
                java("no home", "-Duser.home=/proc/none", "-Dorg.bytedeco.javacpp.cachedir="),
                java("in Persian", "-Duser.language=fa", "-Duser.country=IR"),
                java("in Arabic", "-Duser.language=ar", "-Duser.country=EG"),
                java("in Turkish", "-Duser.language=tr", "-Duser.country=TR"),
                java("in Thai with its own digits", "-Duser.language=th", "-Duser.country=TH", "-Duser.variant=TH"),
                mounts("a full disk", "mount -t tmpfs -o size=4k tmpfs \"$FAULT_OUT\""),
                mounts("a disk that fills up", "mount -t tmpfs -o size=40k tmpfs \"$FAULT_OUT\""),
                mounts("a disk without inodes", "mount -t tmpfs -o nr_inodes=1 tmpfs \"$FAULT_OUT\""),
                mounts(
                        "a read-only disk",
                        "mount --bind -o ro \"$FAULT_OUT\" \"$FAULT_OUT\" && mount -o remount,bind,ro \"$FAULT_OUT\""),
                mounts("read-only temporary files", "mount -t tmpfs -o ro tmpfs \"$FAULT_TMP\""),
                mounts("full temporary files", "mount -t tmpfs -o size=4k tmpfs \"$FAULT_TMP\""),
                mounts("no /dev/shm", "mount -t tmpfs -o size=0,nr_inodes=1,ro tmpfs /dev/shm"),
                mounts("a full /dev/shm", "mount -t tmpfs -o size=4k tmpfs /dev/shm")));
        all.add(new Surroundings(
                "no place to load the library from",
                Needs.MOUNTS,
                mounted("mount -t tmpfs -o noexec tmpfs \"$FAULT_TMP\""),
                List.of("-Duser.home=/proc/none", "-Dorg.bytedeco.javacpp.cachedir="),
                Map.of(),
                Lost.NOTHING));
        return all;
    }

    private static Surroundings lost(String text, String script, Lost lost) {
        return new Surroundings(text, Needs.NOTHING, script, List.of(), Map.of(), lost);
    }

    private static Surroundings shell(String text, String script) {
        return new Surroundings(text, Needs.NOTHING, script + RUN, List.of(), Map.of(), Lost.NOTHING);
    }

    private static Surroundings java(String text, String... options) {
        return new Surroundings(text, Needs.NOTHING, "", List.of(options), Map.of(), Lost.NOTHING);
    }

    private static Surroundings mounts(String text, String script) {
        return new Surroundings(text, Needs.MOUNTS, mounted(script), List.of(), Map.of(), Lost.NOTHING);
    }

    /** Nobody outside sees what is mounted, so what was written there is copied beside it. */
    private static String mounted(String script) {
        return "cp -a \"$FAULT_OUT\" \"$FAULT_LOG/before\" && " + script + " || exit 125\n"
                + "[ -n \"$(ls -A \"$FAULT_OUT\")\" ] || cp -a \"$FAULT_LOG/before/.\" \"$FAULT_OUT\" || exit 125\n"
                + "\"$@\"\ncode=$?\n"
                + "cp -a \"$FAULT_OUT\" \"$FAULT_LOG/after\"\nexit $code";
    }

    @Override
    public List<String> before() {
        if (shell.isEmpty()) {
            return List.of();
        }
        List<String> words = new ArrayList<>();
        if (needs == Needs.MOUNTS) {
            words.addAll(NAME_SPACE);
        }
        words.addAll(List.of("sh", "-c", shell, "sh"));
        return words;
    }

    @Override
    public boolean losesPrinted() {
        return lost == Lost.PRINTED || text.startsWith("all three");
    }

    @Override
    public boolean losesErrors() {
        return lost == Lost.ERRORS;
    }

    @Override
    public boolean isPossible() {
        return needs == Needs.NOTHING || !NAME_SPACE.isEmpty();
    }

    /** The words that run a program in a name space of mounts; empty if none do here. */
    private static final List<String> NAME_SPACE = nameSpace();

    private static List<String> nameSpace() {
        for (String words : List.of("unshare -m", "unshare -rm")) {
            List<String> all = new ArrayList<>(Arrays.asList(words.split(" ")));
            List<String> trial = new ArrayList<>(all);
            trial.addAll(List.of("mount", "-t", "tmpfs", "tmpfs", "/mnt"));
            try {
                Process process = new ProcessBuilder(trial)
                        .redirectErrorStream(true)
                        .redirectOutput(Path.of("/dev/null").toFile())
                        .start();
                if (process.waitFor() == 0) {
                    return all;
                }
            } catch (IOException e) {
                // Without such a program.
            } catch (InterruptedException e) {
                throw new UncheckedIOException(new IOException(e));
            }
        }
        return List.of();
    }
}
