package dev.stockpot.engine.disk;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;

/** The file system as outputs use it: every call may fail, and a test can make each of them fail in turn. */
public interface OutputFiles {
    /** The real one. */
    OutputFiles DISK = new DiskFiles();

    /**
     * How a file is filled.
     *
     * @param direct whether writes go past the page cache if they can
     * @param inPlace whether its own memory may be filled, on a file system in memory
     * @param inFlight how far apart the threads that fill it may be, in bytes
     */
    record Filling(boolean direct, boolean inPlace, long inFlight) {
        /** Through the page cache, by writing only. */
        public static final Filling PLAIN = new Filling(false, false, 0);
    }

    /** A new file that will have {@code bytes} bytes. */
    OutputFile create(Path file, long bytes, Filling how) throws IOException;

    /** Makes a folder. */
    void createFolder(Path folder) throws IOException;

    /** Writes a small file, whole. */
    void write(Path file, byte[] bytes) throws IOException;

    /** Copies a small file. */
    void copy(Path from, Path to) throws IOException;

    /** Makes a file, or a folder's list of files, durable. */
    void sync(Path path) throws IOException;

    /** Renames a file or folder in one step, replacing a file of that name. */
    void rename(Path from, Path to) throws IOException;

    /**
     * Renames a file or folder, and replaces nothing.
     *
     * @throws FileAlreadyExistsException if there is something at {@code to}
     */
    void renameNew(Path from, Path to) throws IOException;

    /**
     * Lets two folders change places. If that takes several steps and the last fails, {@code other} is what {@code one} was,
     * and what it was is {@link Leftovers#aside}.
     */
    void exchange(Path one, Path other) throws IOException;

    /** Gives a file another name in addition to its own; copies it if the file system has no such names. */
    void link(Path file, Path name) throws IOException;

    /** Gives {@code to} the permissions of {@code from}, if the file system has any. */
    void copyPermissions(Path from, Path to) throws IOException;

    /** Deletes a file, or a folder that is empty; does nothing if there is none. */
    void remove(Path path) throws IOException;

    /** Deletes a file, or a folder with everything in it; does nothing if there is none. */
    void delete(Path path) throws IOException;

    /**
     * Looks at a path.
     *
     * @return empty if nothing is there
     * @throws IOException if that cannot be told
     */
    Optional<BasicFileAttributes> stat(Path path, LinkOption... options) throws IOException;

    /** Whether there is anything of that name. */
    default boolean exists(Path path, LinkOption... options) throws IOException {
        return stat(path, options).isPresent();
    }

    /** Whether there is a folder of that name. */
    default boolean isFolder(Path path, LinkOption... options) throws IOException {
        return stat(path, options).map(BasicFileAttributes::isDirectory).orElse(false);
    }

    /** What is in a folder. */
    List<Path> list(Path folder) throws IOException;

    /** Bytes that can still be written in a folder. */
    long usableSpace(Path folder) throws IOException;
}
