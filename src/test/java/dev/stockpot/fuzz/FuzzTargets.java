package dev.stockpot.fuzz;

import dev.stockpot.checkpoint.safetensors.SafetensorsFuzz;
import dev.stockpot.evaluate.worker.FramesFuzz;
import dev.stockpot.soup.descent.JournalFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The readers of bytes that strangers may have written, by name; each has a folder of inputs. */
final class FuzzTargets {
    private static final Path CORPORA = Path.of("src/test/resources/fuzz");

    private static final Map<String, Supplier<FuzzTarget>> ALL = new TreeMap<>(Map.of(
            "frames", FramesFuzz::new,
            "index", IndexFuzz::new,
            "init", StartingPointFuzz::new,
            "journal", JournalFuzz::new,
            "legacy", () -> new TorchFuzz(".pt"),
            "pickle", PickleFuzz::new,
            "program", PickleProgramFuzz::new,
            "safetensors", SafetensorsFuzz::new,
            "tables", ScoreTableFuzz::new,
            "zip", () -> new TorchFuzz(".pt")));

    private FuzzTargets() {}

    static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    static FuzzTarget open(String name) {
        return ALL.get(name).get();
    }

    /** The committed inputs of a target, in the order of their names. */
    static List<Path> corpus(String name) throws IOException {
        try (Stream<Path> files = Files.list(CORPORA.resolve(name))) {
            return files.sorted().toList();
        }
    }
}
