package dev.stockpot.memory;

import dev.stockpot.system.TrustedFolder;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.jar.JarFile;
import java.util.zip.CRC32;
import org.bytedeco.javacpp.Loader;

/**
 * The native library as a file that the system can load: one in a folder of {@code java.library.path}; where it lies, if the
 * classes are in folders; else a copy of what is in the jar. Copies are kept from run to run in a folder that belongs to the
 * user alone: whoever can write there runs code in this process. Each file is compared with the jar by its checksum.
 */
final class LibraryFile {
    private static final String NAME = "libjniStockpot.so";

    private final URL packed;
    private final long checksum;
    private final StringBuilder failures = new StringBuilder();

    LibraryFile(URL packed) throws IOException {
        this.packed = packed;
        this.checksum = checksum(packed);
    }

    /** @throws UnsatisfiedLinkError if it cannot be loaded; the message says what failed where */
    static void load() {
        URL packed = LibraryFile.class.getResource(Loader.getPlatform() + "/" + NAME);
        if (packed == null) {
            throw new UnsatisfiedLinkError("this build has no library for " + Loader.getPlatform());
        }
        try {
            LibraryFile library = new LibraryFile(packed);
            if (!packed.getProtocol().equals("file") || !library.loads(Path.of(packed.toURI()))) {
                library.loadFromAnywhere();
            }
        } catch (IOException | URISyntaxException e) {
            throw new UnsatisfiedLinkError("cannot read " + packed + ": " + e);
        }
    }

    private void loadFromAnywhere() {
        for (String folder : System.getProperty("java.library.path", "").split(File.pathSeparator)) {
            if (!folder.isEmpty() && loadsFrom(folder)) {
                return;
            }
        }
        String cache = System.getenv("XDG_CACHE_HOME");
        String own = "stockpot-" + System.getProperty("user.name");
        // The last is for containers whose other places are read-only, or allow no code.
        if ((cache == null || cache.isEmpty() || !loadsCopy(Path.of(cache, "stockpot")))
                && !loadsCopy(Path.of(System.getProperty("user.home"), ".cache", "stockpot"))
                && !loadsCopy(Path.of(System.getProperty("java.io.tmpdir"), own))
                && !loadsCopy(Path.of("/dev/shm", own))) {
            throw new UnsatisfiedLinkError(failures.toString());
        }
    }

    private boolean loadsFrom(String folder) {
        try {
            Path file = Path.of(folder, NAME);
            return isTheLibrary(file) && loads(file);
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /** Loads the copy in {@code folder}, and makes it first if there is none. */
    boolean loadsCopy(Path folder) {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            if (!TrustedFolder.is(folder)) {
                failed(folder, "others can change what is in it");
                return false;
            }
            Path file = folder.resolve(Long.toHexString(checksum) + "-" + NAME);
            if (!isTheLibrary(file)) {
                Path copy = copy(folder);
                Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
            }
            return loads(file) || loadsCopyOfItsOwn(folder);
        } catch (IOException | RuntimeException e) {
            failed(folder, e.toString());
            return false;
        }
    }

    private boolean isTheLibrary(Path file) throws IOException {
        return Files.isRegularFile(file) && checksum(Files.readAllBytes(file)) == checksum;
    }

    private boolean loads(Path file) {
        try {
            System.load(file.toAbsolutePath().toString());
            return true;
        } catch (UnsatisfiedLinkError e) {
            failed(file, e.getMessage());
            return false;
        }
    }

    /** A file can be loaded by one class loader at a time; another program in this process may have loaded it. */
    private boolean loadsCopyOfItsOwn(Path folder) throws IOException {
        Path copy = copy(folder);
        try {
            return loads(copy);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    private Path copy(Path folder) throws IOException {
        Path copy = Files.createTempFile(folder, NAME, ".tmp");
        try (InputStream bytes = connection(packed).getInputStream()) {
            Files.copy(bytes, copy, StandardCopyOption.REPLACE_EXISTING);
            return copy;
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(copy);
            throw e;
        }
    }

    private void failed(Path where, String why) {
        failures.append(failures.isEmpty() ? "" : "; ")
                .append(where)
                .append(": ")
                .append(why);
    }

    /** Of the library in the jar: the entry has it, so that a library that is copied already is not inflated. */
    private static long checksum(URL packed) throws IOException {
        URLConnection connection = connection(packed);
        if (connection instanceof JarURLConnection jar) {
            try (JarFile file = jar.getJarFile()) {
                return file.getEntry(jar.getEntryName()).getCrc();
            }
        }
        try (InputStream bytes = connection.getInputStream()) {
            return checksum(bytes.readAllBytes());
        }
    }

    private static long checksum(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return crc.getValue();
    }

    private static URLConnection connection(URL packed) throws IOException {
        URLConnection connection = packed.openConnection();
        // A cached archive would stay open for good.
        connection.setUseCaches(false);
        return connection;
    }
}
