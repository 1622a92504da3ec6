package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointBuilder;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What one merge of a chain makes, as a model for the next: before it is there, and then. */
final class StepResult {
    private StepResult() {}

    /** A result that is still to be made: its tensors, at places where nothing can be read. */
    static Checkpoint described(String name, MergedModel model) {
        Path path = Path.of(name);
        CheckpointBuilder described = Checkpoint.describing(path, "safetensors").file(path, bytes(model));
        long at = 0;
        for (TensorSpec spec : model.tensors()) {
            described.put(
                    new TensorInfo(spec.name(), spec.dtype(), spec.shape(), new FileSource(path), at, spec.bytes()));
            at += spec.bytes();
        }
        return described.build();
    }

    static long bytes(MergedModel model) {
        long bytes = 0;
        for (TensorSpec tensor : model.tensors()) {
            bytes = Math.addExact(bytes, tensor.bytes());
        }
        return bytes;
    }

    /** A result without what it says of its making: the output does not hold it as an ingredient, but its ingredients. */
    static Checkpoint of(Checkpoint written) {
        Map<String, String> metadata = new TreeMap<>(written.metadata());
        metadata.keySet().removeIf(key -> key.startsWith("soup."));
        CheckpointBuilder builder = Checkpoint.describing(written.path(), written.format())
                .metadata(metadata)
                .folders(written.folders());
        written.files().forEach(file -> builder.file(file.file(), file.bytes()));
        written.tensors().values().forEach(builder::put);
        return builder.build();
    }
}
