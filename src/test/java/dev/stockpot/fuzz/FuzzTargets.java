package dev.stockpot.fuzz;

import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.gguf.GgufTemplate;
import dev.stockpot.checkpoint.numpy.NumpyTemplate;
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

    private static final List<OpenOptions> KEYS =
            List.of(OpenOptions.defaults(), OpenOptions.builder().key(".").build());

    private static final Map<String, Supplier<FuzzTarget>> ALL = new TreeMap<>(Map.ofEntries(
            entry("adapters", AdapterFuzz::new),
            entry("frames", FramesFuzz::new),
            entry("gguf", () -> new TemplateFuzz(".gguf", KEYS.subList(0, 1), GgufTemplate::open)),
            entry("index", IndexFuzz::new),
            entry("init", StartingPointFuzz::new),
            entry("journal", JournalFuzz::new),
            entry("legacy", () -> new TorchFuzz(".pt")),
            entry("numpy", () -> new TemplateFuzz(".npz", KEYS, NumpyTemplate::open)),
            entry("onnx", OnnxFuzz::new),
            entry("pickle", PickleFuzz::new),
            entry("program", PickleProgramFuzz::new),
            entry("recipes", RecipeFuzz::new),
            entry("safetensors", SafetensorsFuzz::new),
            entry("tables", ScoreTableFuzz::new),
            entry("zip", () -> new TorchFuzz(".pt"))));

    private FuzzTargets() {}

    private static Map.Entry<String, Supplier<FuzzTarget>> entry(String name, Supplier<FuzzTarget> target) {
        return Map.entry(name, target);
    }

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
