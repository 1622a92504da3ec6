package dev.stockpot.memory;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Arrays;

/** The native library: loaded once, on first use; its absence is an answer, not an error. */
public final class NativeLibrary {
    /** The system's number for a file that exists. */
    private static final int EXISTS = 17;

    private NativeLibrary() {}

    // A class of its own, so that loading NativeLibrary loads nothing else.
    private static final class Loaded {
        static final String REASON = load();

        private static String load() {
            try {
                LibraryFile.load();
                Native.sp_detect_isa();
                return null;
            } catch (LinkageError | RuntimeException e) {
                Throwable root = e;
                while (root.getCause() != null) {
                    root = root.getCause();
                }
                return "the native library does not load on " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch") + ": "
                        + (root.getMessage() == null ? root : root.getMessage());
            }
        }
    }

    /** Whether native kernels and mappings can be used here. */
    public static boolean isAvailable() {
        return Loaded.REASON == null;
    }

    /** Why it cannot be used; null if it can. */
    public static String unavailableReason() {
        return Loaded.REASON;
    }

    /**
     * Whether a file is on a network or user-space file system (NFS, SMB, Lustre, Ceph, FUSE, 9p, ...), where mapping is
     * slow and may fail; false if that is unknown.
     */
    public static boolean isNetworkFileSystem(Path path) {
        return reaches(path) && Native.sp_file_system(nativePath(path)) == Native.SP_ON_NETWORK;
    }

    /** Whether a file is on a file system in memory, such as tmpfs; false if that is unknown. */
    public static boolean isInMemory(Path path) {
        return reaches(path) && Native.sp_file_system(nativePath(path)) == Native.SP_IN_MEMORY;
    }

    /** Whether native calls can be asked about a path. */
    private static boolean reaches(Path path) {
        return isAvailable() && path.getFileSystem() == FileSystems.getDefault();
    }

    /** What direct access to a file has to be a multiple of, in bytes; 0 if it has none, -1 if that is unknown. */
    static long directBlock(Path file) {
        return reaches(file) ? Native.sp_direct_block(nativePath(file)) : -1;
    }

    /** Sets a new file's size and reserves its blocks; does nothing if its file system cannot. */
    public static void reserve(Path file, long bytes) {
        if (isAvailable()) {
            Native.sp_reserve(nativePath(file), bytes);
        }
    }

    /** Has the system begin to write a part of a file from its page cache to the disk, if it can. */
    public static void startWriteBack(Path file, long at, long bytes) {
        writeBack(file, at, bytes, 0);
    }

    /** Waits until that part is on the disk. That makes no file durable, but leaves less to what does. */
    public static void awaitWriteBack(Path file, long at, long bytes) {
        writeBack(file, at, bytes, 1);
    }

    private static void writeBack(Path file, long at, long bytes, int wait) {
        if (isAvailable()) {
            Native.sp_write_back(nativePath(file), at, bytes, wait);
        }
    }

    /**
     * Renames a file or folder in one step, and replaces nothing.
     *
     * @return whether it was done; the file system may not be able to
     * @throws FileAlreadyExistsException if there is something at {@code to}
     */
    public static boolean renameNew(Path from, Path to) throws IOException {
        return rename(from, to, Native.SP_RENAME_NEW);
    }

    /** Lets two files or folders change places in one step; returns whether it was done. */
    public static boolean exchange(Path from, Path to) throws IOException {
        return rename(from, to, Native.SP_RENAME_EXCHANGE);
    }

    private static boolean rename(Path from, Path to, int kind) throws IOException {
        int error = isAvailable() ? Native.sp_rename(nativePath(from), nativePath(to), kind) : -1;
        if (error == EXISTS) {
            throw new FileAlreadyExistsException(to.toString());
        }
        return error == 0;
    }

    /** Throws {@link IllegalStateException} with the reason if the library is not available. */
    static void require() {
        if (!isAvailable()) {
            throw new IllegalStateException(unavailableReason());
        }
    }

    /** A path as C takes it: in the system's encoding, with a 0 at its end. */
    static byte[] nativePath(Path path) {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException(path + " is not on the system's file system");
        }
        String encoding = System.getProperty("sun.jnu.encoding");
        Charset charset = encoding == null ? Charset.defaultCharset() : Charset.forName(encoding);
        byte[] bytes = path.toString().getBytes(charset);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }
}
