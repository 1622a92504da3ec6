package dev.stockpot.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The folders of one run: what it reads, where it writes, and where it may leave something. */
final class RunFolder implements AutoCloseable {
    private final Path root;
    private final Path memory;

    private RunFolder(Path root, Path memory) {
        this.root = root;
        this.memory = memory;
    }

    static RunFolder create() throws IOException {
        Path root = Files.createTempDirectory("stockpot faults ");
        for (String name : List.of("in", "out", "tmp", "scratch", "log")) {
            Files.createDirectory(root.resolve(name));
        }
        Path shared = Path.of("/dev/shm");
        return new RunFolder(
                root, Files.isWritable(shared) ? Files.createTempDirectory(shared, "faults-") : root.resolve("out"));
    }

    /** A text with the folders' names in place of {in}, {out}, {tmp}, {scratch}, {log}, {memory} and {tools}. */
    String fill(String text) {
        String filled = text;
        for (String name : List.of("in", "out", "tmp", "scratch", "log")) {
            filled = filled.replace("{" + name + "}", root.resolve(name).toString());
        }
        return filled.replace("{memory}", memory.toString())
                .replace("{tools}", Path.of("tools").toAbsolutePath().toString());
    }

    Path path(String text) {
        return Path.of(fill(text));
    }

    /** Takes out of a text what differs from one folder to another. */
    String plain(String text) {
        return text.replace(memory.toString(), "MEMORY").replace(root.toString(), "ROOT");
    }

    /** The folders whose files' calls are counted. */
    String watched() {
        return root.resolve("in") + ":" + root.resolve("out") + ":" + root.resolve("tmp") + ":"
                + root.resolve("scratch") + ":/dev/shm";
    }

    /** What a file or folder holds: a digest of each file by its name, empty if there is nothing. */
    static Map<String, String> content(Path path) throws IOException {
        Map<String, String> content = new TreeMap<>();
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            try (Stream<Path> files = Files.walk(path)) {
                for (Path file : files.toList()) {
                    String name = path.relativize(file).toString();
                    content.put(name, Files.isRegularFile(file) ? digest(file) : "not a file");
                }
            }
        }
        return content;
    }

    private static String digest(Path file) throws IOException {
        try {
            byte[] sum = java.security.MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
            return HexFormat.of().formatHex(sum);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * What a run has left: everything but its output, its journal and what {@code fill} knows it keeps.
     *
     * @param process the number of the run's process, which names its folders in memory
     */
    List<String> leftovers(String output, long process) throws IOException {
        List<String> left = new ArrayList<>();
        Set<Path> folders = new LinkedHashSet<>();
        List.of("{out}", "{tmp}", "{scratch}", "{memory}").forEach(name -> folders.add(path(name)));
        if (!output.isEmpty()) {
            folders.add(path(output).getParent());
        }
        for (Path folder : folders) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.list(folder)) {
                    files.filter(file -> !isKept(file, path(output))).forEach(file -> left.add(plain(file.toString())));
                }
            }
        }
        try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
            files.filter(file -> file.getFileName().toString().matches("stockpot-(.*-)?" + process + "-.*"))
                    .forEach(file -> left.add(file.toString()));
        } catch (IOException | UncheckedIOException e) {
            // There is none, or it is changing.
        }
        return left;
    }

    private static boolean isKept(Path file, Path output) {
        String name = file.getFileName().toString();
        return output.startsWith(file)
                || file.equals(output.resolveSibling(output.getFileName() + ".journal.jsonl"))
                || name.equals("kept")
                || name.startsWith(".javacpp")
                // The native library, if the home folder has no room for it.
                || name.equals("stockpot-" + System.getProperty("user.name"));
    }

    static void delete(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            try (Stream<Path> files = Files.walk(path, new FileVisitOption[0])) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        delete(root);
        delete(memory);
    }
}
