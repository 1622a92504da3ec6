package dev.stockpot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What this process has open or mapped. */
public final class OpenHandles {
    private OpenHandles() {}

    /** Descriptors and mappings of files in {@code folder}, deleted ones too; none where there is no /proc. */
    public static List<String> of(Path folder) throws IOException {
        List<String> found = new ArrayList<>();
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return found;
        }
        String start = folder.toRealPath().toString();
        try (Stream<Path> all = Files.list(descriptors)) {
            for (Path descriptor : all.toList()) {
                String file = target(descriptor);
                if (file.startsWith(start)) {
                    found.add("open: " + file);
                }
            }
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            int at = line.indexOf(start);
            if (at >= 0) {
                found.add("mapped: " + line.substring(at));
            }
        }
        return found;
    }

    /** What is still open or mapped after some seconds: an interrupted run leaves a file to the thread that syncs it. */
    public static List<String> soon(Path folder) throws IOException, InterruptedException {
        List<String> found = of(folder);
        for (int k = 0; k < 500 && !found.isEmpty(); k++) {
            Thread.sleep(10);
            found = of(folder);
        }
        return found;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            // That of the list itself.
            return "";
        }
    }
}
