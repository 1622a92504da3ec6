package dev.stockpot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rooms as files: docs/rooms.txt, the module, and how full they are. */
class RoomsTest {
    private static final Pattern SOURCE = Pattern.compile(".*\\.(java|cpp|h|inl|cu|cuh|py|proto)");
    private static final int FULL = 25;
    private static final int LONG = 300;

    /** A text with an option of the command in it. */
    private static final Pattern OPTION = Pattern.compile("(?<!\\\\)\"(?:[^\"]*[ '(])?--[a-z][^\"]*\"");

    @Test
    void everyRoomUsesOnlyRoomsFurtherDown() throws IOException {
        Set<String> above = new LinkedHashSet<>();
        Rooms.read().uses().forEach((room, uses) -> {
            above.add(room);
            for (String used : uses) {
                assertTrue(!above.contains(used), room + " uses " + used + ", which is above it");
            }
        });
        assertTrue(above.size() > 30, () -> above.toString());
    }

    @Test
    void theModuleExportsTheApiAlone() throws IOException {
        try (InputStream in = Files.newInputStream(Path.of("target/classes/module-info.class"))) {
            ModuleDescriptor module = ModuleDescriptor.read(in);
            assertEquals(
                    new TreeSet<>(Rooms.read().api()),
                    module.exports().stream()
                            .map(ModuleDescriptor.Exports::source)
                            .collect(Collectors.toCollection(TreeSet::new)));
            assertTrue(module.exports().stream().noneMatch(ModuleDescriptor.Exports::isQualified));
            module.opens().forEach(opened -> assertEquals(Set.of("info.picocli"), opened.targets()));
        }
    }

    @Test
    void noRoomIsFullAndEachSaysWhatIsInIt() throws IOException {
        Map<String, Integer> files = new TreeMap<>();
        Set<String> described = new TreeSet<>();
        for (Path file : Rooms.files()) {
            if (file.endsWith("package-info.java")) {
                described.add(Rooms.of(file));
                String text = Files.readString(file);
                boolean api = Rooms.read().api().contains(Rooms.of(file));
                assertEquals(api, text.contains("@NullMarked"), file + ": of the API, and only there");
                assertTrue(text.contains("ay enter:"), file + " does not say what may enter");
            } else {
                files.merge(Rooms.of(file), 1, Integer::sum);
            }
        }
        assertEquals(files.keySet(), described);
        files.forEach((room, count) -> assertTrue(count <= FULL, room + " has " + count + " files"));
    }

    @Test
    void noFileIsLong() throws IOException {
        List<String> files = new ArrayList<>();
        for (String folder : List.of("src", "native", "bench", "training", "tools")) {
            try (Stream<Path> all = Files.walk(Path.of(folder))) {
                for (Path file : all.filter(RoomsTest::isSource).toList()) {
                    int lines = Files.readAllLines(file).size();
                    if (lines > LONG) {
                        files.add(file + " has " + lines + " lines");
                    }
                }
            }
        }
        // People copy it next to a program of theirs: one file.
        files.removeIf(file -> file.startsWith("tools/evaluators/stockpot_worker.py "));
        assertEquals(List.of(), files);
    }

    private static boolean isSource(Path file) {
        return SOURCE.matcher(file.getFileName().toString()).matches()
                && !file.toString().contains("/target/");
    }

    @Test
    void onlyTheCommandSpeaksOfItsOptions() throws IOException {
        List<String> places = new ArrayList<>();
        for (Path file : Rooms.files()) {
            if (!Rooms.of(file).startsWith("dev.stockpot.cli")) {
                for (String line : Files.readAllLines(file)) {
                    if (OPTION.matcher(line).find()) {
                        places.add(file + ": " + line.trim());
                    }
                }
            }
        }
        assertEquals(List.of(), places);
    }
}
