package dev.stockpot.memory;

/** The system's error numbers for opening and mapping a file, in words. */
final class Errno {
    /** EAGAIN: somebody else is just using it. */
    static final int BUSY_NOW = 11;

    private Errno() {}

    static String describe(int error) {
        return switch (error) {
            case 1 -> "operation not permitted";
            case 2 -> "no such file";
            case 5 -> "input/output error";
            case 12 -> "no address space or memory for it";
            case 13 -> "permission denied";
            case 19 -> "not a regular file, or on a file system that cannot map";
            case 20 -> "a part of its path is not a directory";
            case 21 -> "is a directory";
            case 23, 24 -> "too many open files";
            case 36 -> "its name is too long";
            case 40 -> "too many symbolic links";
            default -> "error " + error;
        };
    }
}
