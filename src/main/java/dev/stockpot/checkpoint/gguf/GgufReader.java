package dev.stockpot.checkpoint.gguf;

import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads GGUF files, and models in shards by any of them. */
public final class GgufReader {
    static final String FORMAT = "gguf";

    private GgufReader() {}

    /**
     * Opens one model. Quantised tensors are F32, as they decode. Sizes are row-major, so that the last changes fastest.
     *
     * @throws CheckpointException if it is damaged, has a type that is not read, or a shard is missing
     */
    public static Contents open(Path file) {
        return contents(file, shards(file));
    }

    /** Opens the files of a model. */
    static List<GgufFile> shards(Path file) {
        try {
            return GgufShards.open(file);
        } catch (OutOfMemoryError e) {
            throw new CheckpointException(
                    Reason.NO_MEMORY,
                    file,
                    "has a header too large for the Java heap",
                    Details.of().hint("give the JVM more, such as -Xmx1g").cause(e));
        }
    }

    /** What is in them. */
    static Contents contents(Path file, List<GgufFile> shards) {
        Map<Path, Long> files = new LinkedHashMap<>();
        LinkedHashMap<String, TensorInfo> tensors = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        for (GgufFile shard : shards) {
            files.put(shard.source().path(), shard.bytes());
            shard.header().entries().forEach((key, entry) -> metadata.putIfAbsent(key, entry.text()));
            for (TensorInfo tensor : shard.tensors()) {
                if (tensors.put(tensor.name(), tensor) != null) {
                    CheckpointException twice = new CheckpointException(
                            Reason.DAMAGED,
                            file,
                            "has the tensor " + Printable.name(tensor.name()) + " in two shards",
                            Details.of().tensor(tensor.name()));
                    Contents.discard(GgufShards.copied(shards), twice);
                    throw twice;
                }
            }
        }
        return new Contents(
                FORMAT,
                files,
                metadata,
                TensorMap.of(tensors),
                List.of(),
                List.of(),
                notes(shards),
                Contents.closingAll(GgufShards.copied(shards)));
    }

    /** That there are quantised tensors, if so, with their types. */
    private static List<String> notes(List<GgufFile> shards) {
        Map<GgufType, Integer> types = new TreeMap<>();
        for (GgufFile shard : shards) {
            for (GgufHeader.Info info : shard.header().tensors()) {
                if (info.type().isQuantised()) {
                    types.merge(info.type(), 1, Integer::sum);
                }
            }
        }
        if (types.isEmpty()) {
            return List.of();
        }
        List<String> counted = new ArrayList<>();
        types.forEach((type, count) -> counted.add(count + " " + type));
        int all = types.values().stream().mapToInt(count -> count).sum();
        return List.of(Figures.count(all, "quantised tensor") + " (" + String.join(", ", counted) + "), "
                + Contents.DECODED + ", in F32");
    }
}
