package dev.stockpot.soup.checks;

import dev.stockpot.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One model several times: by the same path, another one, or a link. */
final class SameFiles {
    private SameFiles() {}

    static void check(Models models) {
        if (models.count() < 2) {
            return;
        }
        Map<Object, Integer> seen = new HashMap<>();
        for (int model = 0; model < models.count(); model++) {
            Checkpoint checkpoint = models.checkpoint(model);
            Integer before = seen.putIfAbsent(key(models.file(model), checkpoint.path()), model);
            if (before != null && same(models.checkpoint(before), checkpoint)) {
                models.doubt(Doubt.warn(
                        List.of(model),
                        how(models.checkpoint(before).path(), checkpoint.path()),
                        "leave it out, unless it should count twice"));
            }
        }
    }

    private static String how(Path first, Path second) {
        return absolute(first).equals(absolute(second))
                ? "is listed twice and counts twice"
                : "is the same file as " + first + ", by another path or a link, and counts twice";
    }

    /** Two models may share some shards only. */
    private static boolean same(Checkpoint a, Checkpoint b) {
        return a.files().size() == b.files().size() && (a.files().size() <= 1 || keys(a).equals(keys(b)));
    }

    private static List<Object> keys(Checkpoint checkpoint) {
        List<Object> keys = new ArrayList<>();
        for (Checkpoint.FileSize file : checkpoint.files()) {
            keys.add(key(file.file(), file.file()));
        }
        return keys;
    }

    /** Device and inode; {@code path} where there are none, as of what is in memory. */
    private static Object key(Path file, Path path) {
        try {
            Object key = file == null
                    ? null
                    : Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            return key == null ? absolute(path) : key;
        } catch (IOException e) {
            // It is gone: the pass that reads it says so.
            return absolute(path);
        }
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }
}
