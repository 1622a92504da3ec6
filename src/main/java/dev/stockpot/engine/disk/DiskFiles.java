package dev.stockpot.engine.disk;

import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.system.Listing;
import dev.stockpot.system.Stat;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.CopyOption;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.List;
import java.util.Optional;

/** The real file system. */
final class DiskFiles implements OutputFiles {
    @Override
    public OutputFile create(Path file, long bytes, Filling how) throws IOException {
        return DiskFile.create(file, bytes, how);
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        Files.createDirectory(folder);
    }

    @Override
    public void write(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
    }

    @Override
    public void copy(Path from, Path to) throws IOException {
        copying(from, to);
    }

    private static void copying(Path from, Path to, CopyOption... options) throws IOException {
        try {
            Files.copy(from, to, options);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            // Java lets a checked exception of its own through if it cannot look at or write what it has opened.
            throw new IOException(from + " cannot be copied: " + e.getMessage(), e);
        }
    }

    @Override
    public void sync(Path path) throws IOException {
        Sync.of(FileChannel.open(path, StandardOpenOption.READ)).andClose();
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void renameNew(Path from, Path to) throws IOException {
        if (NativeLibrary.renameNew(from, to)) {
            return;
        }
        if (exists(to, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(to.toString());
        }
        try {
            // A link replaces nothing, even what appears after the look above.
            Files.createLink(to, from);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException | UnsupportedOperationException e) {
            // Folders have no second name, nor have files on some file systems.
            rename(from, to);
            return;
        }
        try {
            Files.delete(from);
        } catch (IOException e) {
            Files.delete(to);
            throw e;
        }
    }

    @Override
    public void exchange(Path one, Path other) throws IOException {
        if (NativeLibrary.exchange(one, other)) {
            return;
        }
        // If the process is killed between these, the next run puts back what was there.
        Path aside = Leftovers.aside(one);
        rename(other, aside);
        try {
            rename(one, other);
        } catch (IOException e) {
            rename(aside, other);
            throw e;
        }
        try {
            rename(aside, one);
        } catch (IOException e) {
            // The other has its new content; what it had stays aside, and the next run deletes it.
            return;
        }
    }

    @Override
    public void link(Path file, Path name) throws IOException {
        try {
            Files.createLink(name, file);
        } catch (IOException | UnsupportedOperationException e) {
            copying(file, name, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        }
    }

    @Override
    public void copyPermissions(Path from, Path to) throws IOException {
        if (Files.getFileAttributeView(from, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(to, Files.getPosixFilePermissions(from));
        }
    }

    @Override
    public void remove(Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public void delete(Path path) throws IOException {
        if (isFolder(path, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : list(path)) {
                delete(entry);
            }
        }
        Files.deleteIfExists(path);
    }

    @Override
    public Optional<BasicFileAttributes> stat(Path path, LinkOption... options) throws IOException {
        return Stat.of(path, options);
    }

    @Override
    public List<Path> list(Path folder) throws IOException {
        return Listing.of(folder);
    }

    @Override
    public long usableSpace(Path folder) throws IOException {
        try {
            FileStore store = Files.getFileStore(folder);
            // Some file systems in user space say 0 of everything.
            return store.getTotalSpace() == 0 ? Long.MAX_VALUE : store.getUsableSpace();
        } catch (IOException e) {
            // Without mount points to look at, as in some containers, nothing is known, and writing will tell.
            return Long.MAX_VALUE;
        }
    }
}
