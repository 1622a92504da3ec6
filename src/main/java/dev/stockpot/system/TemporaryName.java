package dev.stockpot.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.CRC32;

/**
 * Names of temporary files and folders. A name says which process made it, so that a later run can tell what a
 * killed one has left: the machine (with its process ids' name space), its boot, the process and when it began. Only files
 * of this user, of this machine and of processes that have ended are leftovers; of others, nothing is known.
 */
public final class TemporaryName {
    /** File systems limit a name to 255 bytes; this much of an output's name leaves room for the rest. */
    private static final int MOST_BYTES = 160;

    private static final String TEMPORARY = ".tmp";

    private static final String MACHINE = machine();
    private static final String BOOT =
            hash(ProcFile.line("/proc/sys/kernel/random/boot_id").orElse(""));
    private static final String OWNER = MACHINE + "-" + BOOT + "-" + process() + "-" + began("self");

    private TemporaryName() {}

    /** A new name for what will be called {@code name}. */
    public static String of(String name) {
        return of(prefix(name), TEMPORARY);
    }

    /** A new name that begins and ends like that. */
    static String of(String begin, String end) {
        String random = Long.toString(ThreadLocalRandom.current().nextLong() & Long.MAX_VALUE, 36);
        return begin + OWNER + "-" + random + end;
    }

    /** A path in {@code folder} with a new name that begins and ends like that. */
    public static Path path(Path folder, String begin, String end) {
        return folder.resolve(of(begin, end));
    }

    /** Makes an empty file which only this user can read or write. */
    public static void makeFile(Path file) throws IOException {
        Files.createFile(file, only("rw-------"));
    }

    /** Makes a folder, of a name that begins like that, which only this user can read or write. */
    static Path newFolder(Path folder, String begin) throws IOException {
        return Files.createDirectory(folder.resolve(of(begin, "")), only("rwx------"));
    }

    private static FileAttribute<?>[] only(String permissions) {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private static String prefix(String name) {
        int end = name.length();
        while (name.substring(0, end).getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            end = name.offsetByCodePoints(end, -1);
        }
        return "." + name.substring(0, end) + ".";
    }

    /** What killed runs have left in {@code folder} of outputs called {@code name}; none if that cannot be told. */
    public static List<Path> leftovers(Path folder, String name) {
        return leftovers(folder, name, "");
    }

    /** The same, of files with {@code ending} after the name that they once had from {@link #of}. */
    public static List<Path> leftovers(Path folder, String name, String ending) {
        return between(folder, prefix(name), TEMPORARY + ending);
    }

    /** What killed runs have left in {@code folder} under names that begin and end like that. */
    public static List<Path> between(Path folder, String begin, String end) {
        return made(folder, begin, end, false);
    }

    /**
     * What runs on other machines, or in other containers, have made in {@code folder} of outputs called {@code name}. Whether
     * these runs have ended cannot be told.
     */
    public static List<Path> madeElsewhere(Path folder, String name) {
        return made(folder, prefix(name), TEMPORARY, true);
    }

    private static List<Path> made(Path folder, String begin, String end, boolean elsewhere) {
        // Null if the folder may be written but not read.
        String[] names = folder.toFile().list();
        List<Path> left = new ArrayList<>();
        for (int i = 0; names != null && i < names.length; i++) {
            if (names[i].startsWith(begin) && names[i].substring(begin.length()).endsWith(end)) {
                Path file = folder.resolve(names[i]);
                String[] made = names[i].substring(begin.length(), names[i].length() - end.length())
                        .split("-");
                boolean asked = made.length == 5
                        && (elsewhere ? !made[0].equals(MACHINE) : isForsaken(made[0], made[1], made[2], made[3]));
                if (asked && isThisUsers(file)) {
                    left.add(file);
                }
            }
        }
        return left;
    }

    /** Whether this process made what is called {@code name}, which begins like that. */
    static boolean isOwn(String name, String begin) {
        return name.startsWith(begin + OWNER + "-");
    }

    private static boolean isThisUsers(Path file) {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid")
                    .equals(Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS));
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    private static boolean isForsaken(String machine, String boot, String process, String began) {
        return machine.equals(MACHINE) && (!boot.equals(BOOT) || !began.equals(began(process)));
    }

    /** This process's number. ProcessHandle costs a short command twenty milliseconds of its start. */
    private static String process() {
        return ProcFile.line("/proc/self/stat").orElse("0 ").split(" ")[0];
    }

    /** When a process began, in clock ticks since the boot; empty if there is none of that number. */
    private static String began(String process) {
        String line = ProcFile.line("/proc/" + process + "/stat").orElse("");
        // The name in the second field may hold anything, but the last parenthesis ends it (proc(5)).
        int end = line.lastIndexOf(')');
        return end < 0 ? "" : line.substring(end + 2).split(" ")[19];
    }

    private static String machine() {
        String processes;
        try {
            processes = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
        } catch (IOException | RuntimeException e) {
            processes = "";
        }
        return hash(ProcFile.line("/proc/sys/kernel/hostname").orElse("")
                + ProcFile.line("/etc/machine-id").orElse("")
                + processes);
    }

    private static String hash(String text) {
        CRC32 hash = new CRC32();
        hash.update(text.getBytes(StandardCharsets.UTF_8));
        String digits = Long.toHexString(hash.getValue());
        return "0".repeat(8 - digits.length()) + digits;
    }
}
