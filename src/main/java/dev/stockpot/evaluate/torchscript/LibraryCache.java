package dev.stockpot.evaluate.torchscript;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.system.TrustedFolder;
import java.io.IOException;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/**
 * JavaCPP's cache of native libraries, which it extracts in place: a process that is killed meanwhile leaves half a library,
 * which ends every later process that loads it. So one process extracts at a time, and leaves a list of the files with their
 * sizes when all are there. Files without such a list, or of other sizes, are extracted anew.
 */
final class LibraryCache {
    private static final String LOCK = ".stockpot.lock";
    private static final String LIST = ".stockpot.complete";
    private static final List<String> LIBRARIES =
            List.of("org/bytedeco/pytorch/%s/libtorch_cpu.so", "org/bytedeco/openblas/%s/libopenblas.so.0");

    private static boolean loaded;

    private final Path cache;
    private final List<String> folders;

    /** The folders in {@code cache} that libraries are extracted to, by name. */
    LibraryCache(Path cache, List<String> folders) {
        this.cache = cache;
        this.folders = folders;
    }

    /** Runs {@code load}, which loads libtorch, on complete files. */
    static synchronized void loading(Runnable load) {
        if (loaded) {
            load.run();
            return;
        }
        LibraryCache cache;
        try {
            cache = new LibraryCache(Loader.getCacheDir().toPath(), folders());
        } catch (IOException e) {
            // JavaCPP finds another place, or says why it cannot.
            load.run();
            return;
        }
        cache.load(load);
        loaded = true;
    }

    /** The cache's folders are called as the archives that the libraries are in. */
    private static List<String> folders() {
        List<String> folders = new ArrayList<>();
        for (String library : LIBRARIES) {
            URL found = LibraryCache.class.getClassLoader().getResource(library.replace("%s", Loader.getPlatform()));
            String path = found == null ? "" : found.getPath();
            int end = path.indexOf("!/");
            if (end > 0) {
                folders.add(path.substring(path.lastIndexOf('/', end - 1) + 1, end));
            }
        }
        return folders;
    }

    /**
     * Runs {@code load} at once if all files are complete; otherwise while no other process extracts any.
     *
     * @throws EvaluationException if another user could change what is loaded
     */
    void load(Runnable load) {
        checkTrusted();
        if (areComplete()) {
            load.run();
            return;
        }
        FileChannel file;
        FileLock lock;
        try {
            file = FileChannel.open(cache.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock = lock(file);
        } catch (IOException e) {
            throw new EvaluationException(
                    Reason.MODULE,
                    "libtorch cannot be extracted to " + cache + ", which cannot be locked: " + e.getMessage(),
                    Details.of()
                            .hint("start Java with -Dorg.bytedeco.javacpp.cachedir and a folder on a local disk")
                            .cause(e));
        }
        try (file;
                lock) {
            removeIncomplete();
            load.run();
            listAll();
        } catch (IOException e) {
            // What was loaded is loaded; the next process extracts once more.
        }
    }

    /** Waits for other processes, and for other class loaders of this one, whose locks cannot be waited for. */
    private static FileLock lock(FileChannel file) throws IOException {
        while (true) {
            try {
                return file.lock();
            } catch (OverlappingFileLockException e) {
                LockSupport.parkNanos(50_000_000);
            }
        }
    }

    /** JavaCPP takes whatever is there, if need be from a folder of a known name below the temporary one. */
    private void checkTrusted() {
        try {
            if (!TrustedFolder.is(cache)) {
                throw new EvaluationException(
                        Reason.MODULE,
                        "other users can change what is in " + cache + ", from where libtorch would be loaded",
                        Details.of()
                                .hint(
                                        "remove it, or start Java with -Dorg.bytedeco.javacpp.cachedir and a folder of yours"));
            }
        } catch (IOException e) {
            // A file system without owners.
        }
    }

    private void removeIncomplete() throws IOException {
        for (String folder : folders) {
            if (!isComplete(cache.resolve(folder))) {
                delete(cache.resolve(folder));
            }
        }
    }

    private void listAll() throws IOException {
        for (String folder : folders) {
            if (Files.isDirectory(cache.resolve(folder)) && !isComplete(cache.resolve(folder))) {
                list(cache.resolve(folder));
            }
        }
    }

    private boolean areComplete() {
        return folders.stream().allMatch(folder -> isComplete(cache.resolve(folder)));
    }

    private static boolean isComplete(Path folder) {
        try {
            for (String line : Files.readAllLines(folder.resolve(LIST))) {
                int space = line.indexOf(' ');
                Path file = folder.resolve(line.substring(space + 1));
                if (Files.size(file) != Long.parseLong(line.substring(0, space))) {
                    return false;
                }
            }
            return true;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    private static void list(Path folder) throws IOException {
        StringBuilder lines = new StringBuilder();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                if (!file.getFileName().toString().equals(LIST)) {
                    // The list must not be on the disk before what it says is there.
                    sync(file);
                    lines.append(Files.size(file))
                            .append(' ')
                            .append(folder.relativize(file))
                            .append('\n');
                }
            }
        }
        Path temporary = Files.createTempFile(folder, LIST, ".tmp");
        Files.writeString(temporary, lines);
        sync(temporary);
        Files.move(temporary, folder.resolve(LIST), StandardCopyOption.ATOMIC_MOVE);
        sync(folder);
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            channel.force(true);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
