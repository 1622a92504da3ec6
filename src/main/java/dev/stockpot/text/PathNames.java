package dev.stockpot.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What files and folders are called where it does not matter in which place they are: the ends of their paths. */
public final class PathNames {
    private PathNames() {}

    /** One for each: its last name, with as many before it as it takes to tell it from the others; the same for the same path. */
    public static List<String> of(List<Path> paths) {
        List<Path> whole = new ArrayList<>();
        Map<Path, Integer> lengths = new HashMap<>();
        for (Path path : paths) {
            Path absolute = path.toAbsolutePath().normalize();
            whole.add(absolute);
            lengths.put(absolute, isGeneric(absolute) ? 2 : 1);
        }
        while (lengthen(lengths)) {
            // Longer names may be those of others again.
        }
        List<String> names = new ArrayList<>();
        for (Path path : whole) {
            names.add(end(path, lengths.get(path)));
        }
        return names;
    }

    /** Whether libraries name files so in every model's folder. */
    private static boolean isGeneric(Path path) {
        String file = String.valueOf(path.getFileName());
        return file.startsWith("model.") || file.startsWith("model-") || file.startsWith("pytorch_model");
    }

    /** Gives one more name to those that are called alike; returns whether there were any. */
    private static boolean lengthen(Map<Path, Integer> lengths) {
        Map<String, Path> called = new HashMap<>();
        List<Path> alike = new ArrayList<>();
        for (Map.Entry<Path, Integer> entry : lengths.entrySet()) {
            Path other = called.putIfAbsent(end(entry.getKey(), entry.getValue()), entry.getKey());
            if (other != null) {
                alike.add(other);
                alike.add(entry.getKey());
            }
        }
        boolean longer = false;
        for (Path path : alike) {
            if (lengths.get(path) < path.getNameCount()) {
                lengths.put(path, lengths.get(path) + 1);
                longer = true;
            }
        }
        return longer;
    }

    private static String end(Path path, int names) {
        int count = path.getNameCount();
        return count == 0
                ? path.toString()
                : path.subpath(Math.max(0, count - names), count).toString();
    }
}
