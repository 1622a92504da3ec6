package dev.stockpot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The contents of docs/rooms.txt, in its order.
 *
 * @param uses the rooms that each room uses, all by the names of their packages
 * @param api the rooms of the API
 */
record Rooms(Map<String, Set<String>> uses, Set<String> api) {
    static final Path SOURCES = Path.of("src/main/java/dev/stockpot");

    static Rooms read() throws IOException {
        Map<String, Set<String>> uses = new LinkedHashMap<>();
        Set<String> api = new LinkedHashSet<>();
        Set<String> current = null;
        for (String line : Files.readAllLines(Path.of("docs/rooms.txt"))) {
            if (line.contains(" = ")) {
                String name = line.substring(0, line.indexOf(" = "));
                current = new LinkedHashSet<>();
                uses.put(room(name.replace("*", "")), current);
                if (name.endsWith("*")) {
                    api.add(room(name.replace("*", "")));
                }
            } else if (line.startsWith("    ")) {
                for (String word : line.replace(" uses ", " ").trim().split(" +")) {
                    current.add(room(word));
                }
            }
        }
        return new Rooms(uses, api);
    }

    private static String room(String name) {
        return name.equals("stockpot") ? "dev.stockpot" : "dev.stockpot." + name;
    }

    /** Every file of the main sources. */
    static List<Path> files() throws IOException {
        try (var found = Files.walk(SOURCES)) {
            return new ArrayList<>(
                    found.filter(file -> file.toString().endsWith(".java")).toList());
        }
    }

    /** The package that a file of the main sources is in. */
    static String of(Path file) {
        return "dev.stockpot"
                + ("/" + SOURCES.relativize(file.getParent()))
                        .replaceAll("/$", "")
                        .replace('/', '.');
    }
}
