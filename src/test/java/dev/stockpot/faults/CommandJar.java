package dev.stockpot.faults;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The command as users run it: from a jar, with the JVM's options of {@code tools/stockpot} and a class-data archive, without
 * which each of thousands of runs would take twice as long. Made of {@code target/classes} once.
 */
final class CommandJar {
    static final Path FOLDER = Path.of("target/faults").toAbsolutePath();
    /** Counts calls on files and lets some fail; preloaded. */
    static final Path LIBRARY = Path.of("target/native/faults/libfaults.so").toAbsolutePath();

    private static final Path CLASSES = Path.of("target/classes");
    private static final Path JAR = FOLDER.resolve("stockpot.jar");
    private static final Path ARCHIVE = FOLDER.resolve("classes-" + System.getProperty("java.version") + ".jsa");
    private static final Pattern FOR_TESTS = Pattern.compile(
            ".*/(junit|jqwik|archunit|jazzer|surefire|opentest4j|apiguardian|slf4j|asm|jna)[^/]*\\.jar");

    private static boolean made;

    private CommandJar() {}

    /** The words that start the command, before its own. */
    static synchronized List<String> start(List<String> options) throws IOException, InterruptedException {
        if (!made) {
            make();
            made = true;
        }
        List<String> words = java(options);
        words.add("dev.stockpot.cli.Main");
        return words;
    }

    private static List<String> java(List<String> options) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of(
                "-Xshare:auto",
                "-XX:SharedArchiveFile=" + ARCHIVE,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xlog:disable",
                "-XX:+DisplayVMOutputToStderr",
                "-XX:-UsePerfData",
                "-XX:-CreateCoredumpOnCrash",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-Dorg.bytedeco.javacpp.maxBytes=0",
                "-Dorg.bytedeco.javacpp.cachedir=" + FOLDER.resolve("cache")));
        words.addAll(options);
        String libraries = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(path -> new File(path).getAbsolutePath())
                .filter(path ->
                        path.endsWith(".jar") && !FOR_TESTS.matcher(path).matches() && !path.equals(JAR.toString()))
                .collect(Collectors.joining(File.pathSeparator));
        words.addAll(List.of("-cp", JAR + File.pathSeparator + libraries));
        return words;
    }

    private static void make() throws IOException, InterruptedException {
        if (Files.exists(ARCHIVE) && isNewerThanClasses(JAR)) {
            return;
        }
        Files.createDirectories(FOLDER);
        Files.deleteIfExists(ARCHIVE);
        try (ZipOutputStream jar = new ZipOutputStream(Files.newOutputStream(JAR))) {
            for (Path file : classes()) {
                ZipEntry entry = new ZipEntry(CLASSES.relativize(file).toString());
                entry.setTime(Files.getLastModifiedTime(file).toMillis());
                jar.putNextEntry(entry);
                Files.copy(file, jar);
            }
        }
        Path list = FOLDER.resolve("classes.txt");
        List<String> record = java(List.of("-XX:DumpLoadedClassList=" + list));
        record.addAll(List.of("dev.stockpot.cli.Main", "inspect", "examples/ingredients/model_00.safetensors"));
        run(record);
        List<String> dump = java(List.of("-Xshare:dump", "-XX:SharedClassListFile=" + list));
        run(dump);
        Files.delete(list);
    }

    private static void run(List<String> words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getInputStream().transferTo(OutputStream.nullOutputStream());
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException("takes too long: " + words);
        }
    }

    private static List<Path> classes() throws IOException {
        try (Stream<Path> files = Files.walk(CLASSES)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static boolean isNewerThanClasses(Path jar) throws IOException {
        if (!Files.exists(jar)) {
            return false;
        }
        for (Path file : classes()) {
            if (Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(jar)) >= 0) {
                return false;
            }
        }
        return true;
    }
}
