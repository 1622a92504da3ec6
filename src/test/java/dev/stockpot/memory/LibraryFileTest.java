package dev.stockpot.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library is taken from a jar as users have it, in processes of their own. */
class LibraryFileTest {
    private static final String LIBRARY = "libjniStockpot.so";
    private static final Path BUILT = Path.of("target/classes/dev/stockpot/memory/linux-x86_64", LIBRARY);

    @TempDir
    Path folder;

    private Path cache;
    private Path home;
    private Path temporary;

    @BeforeEach
    void makeJar() throws IOException {
        cache = folder.resolve("cache");
        home = Files.createDirectory(folder.resolve("home"));
        temporary = Files.createDirectory(folder.resolve("temporary"));
        Path classes = Path.of("target/classes");
        try (OutputStream out = Files.newOutputStream(folder.resolve("program.jar"));
                JarOutputStream jar = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes.resolve("dev/stockpot"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                jar.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, jar);
            }
        }
    }

    /** A program's own C++ library, of another age, must not be bound to the one in here. */
    @Test
    void theLibraryGivesNothingToOthersButWhatTheJvmCalls() throws Exception {
        Process nm = new ProcessBuilder("nm", "-D", "--defined-only", "--format=just-symbols", BUILT.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> symbols = nm.inputReader().lines().toList();
        assertEquals(0, nm.waitFor());
        assertTrue(symbols.contains("JNI_OnLoad"), symbols::toString);
        assertEquals(
                List.of(),
                symbols.stream()
                        // The last are calls through the JVM's own table, inline in its header.
                        .filter(symbol -> !symbol.matches("Java_.*|JNI_On(Un)?[Ll]oad.*|_ZN7JNIEnv_.*"))
                        .toList());
    }

    /** What {@code doctor} says about kernels in a program that has the jar. */
    private String kernels(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of("-Duser.home=" + home, "-Djava.io.tmpdir=" + temporary, "-Duser.name=" + user()));
        command.addAll(Arrays.asList(options));
        String libraries = String.join(
                File.pathSeparator,
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(entry -> entry.endsWith(".jar"))
                        .toList());
        command.addAll(List.of("-cp", folder.resolve("program.jar") + File.pathSeparator + libraries));
        command.addAll(List.of("dev.stockpot.cli.Main", "doctor"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("XDG_CACHE_HOME", cache.toString());
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), printed);
        return printed.lines()
                .filter(line -> line.startsWith("kernels"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(printed));
    }

    private static String user() {
        return "test-" + ProcessHandle.current().pid();
    }

    private static Path inMemory() {
        return Path.of("/dev/shm", "stockpot-" + user());
    }

    private static List<Path> copies(Path place) {
        if (!Files.isDirectory(place)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(place)) {
            return files.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void allow(Path place, String rights) throws IOException {
        Files.createDirectories(place);
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString(rights));
    }

    @Test
    void itIsCopiedOnceToAPrivateFolder() throws Exception {
        assertFalse(kernels().contains("plain Java"));
        Path place = cache.resolve("stockpot");
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(place)));
        assertEquals(1, copies(place).size());
        Path copy = copies(place).get(0);
        assertEquals(-1, Files.mismatch(BUILT, copy));
        Object made = Files.getAttribute(copy, "unix:ino");
        assertFalse(kernels().contains("plain Java"));
        assertEquals(made, Files.getAttribute(copy, "unix:ino"), "used again");
    }

    @Test
    void aFolderThatOthersCanWriteToIsNotUsed() throws Exception {
        allow(cache.resolve("stockpot"), "rwxrwxrwx");
        assertFalse(kernels().contains("plain Java"));
        assertEquals(List.of(), copies(cache.resolve("stockpot")));
        assertEquals(1, copies(home.resolve(".cache/stockpot")).size());
    }

    @Test
    void anotherFileOfItsNameIsReplaced() throws Exception {
        assertFalse(kernels().contains("plain Java"));
        Path copy = copies(cache.resolve("stockpot")).get(0);
        byte[] other = Files.readAllBytes(copy);
        other[other.length / 2] ^= 1;
        Files.write(copy, other);
        assertFalse(kernels().contains("plain Java"));
        assertEquals(-1, Files.mismatch(BUILT, copies(cache.resolve("stockpot")).get(0)));
    }

    @Test
    void aLibraryOnTheLibraryPathIsUsedIfItIsThisOne() throws Exception {
        Path natives = Files.createDirectory(folder.resolve("natives"));
        Files.copy(BUILT, natives.resolve(LIBRARY));
        assertFalse(kernels("-Djava.library.path=" + natives).contains("plain Java"));
        assertEquals(List.of(), copies(cache.resolve("stockpot")), "no copy is needed");
        Files.write(natives.resolve(LIBRARY), new byte[100]);
        assertFalse(kernels("-Djava.library.path=" + natives).contains("plain Java"));
        assertEquals(1, copies(cache.resolve("stockpot")).size());
    }

    @Test
    void eachPlaceThatFailedIsNamedWithItsReason() throws Exception {
        allow(cache.resolve("stockpot"), "rwxrwxrwx");
        allow(home.resolve(".cache/stockpot"), "rwxrwxrwx");
        allow(temporary.resolve("stockpot-" + user()), "rwxrwxrwx");
        allow(inMemory(), "rwxrwxrwx");
        try {
            String kernels = kernels();
            for (Path place : List.of(cache.resolve("stockpot"), home.resolve(".cache/stockpot"), inMemory())) {
                assertTrue(kernels.contains(place + ": others can change what is in it"), kernels);
            }
            assertTrue(kernels.contains("plain Java"), kernels);
        } finally {
            Files.delete(inMemory());
        }
    }

    @Test
    void whereNoFolderCanBeMadeTheNextPlaceIsTaken() throws Exception {
        Files.createDirectories(cache);
        Files.write(cache.resolve("stockpot"), new byte[1]);
        assertFalse(kernels().contains("plain Java"));
        assertEquals(1, copies(home.resolve(".cache/stockpot")).size());
    }
}
