package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** The file that a tensor is in, as its user knows it: values that were copied out of a checkpoint are in that checkpoint. */
public record SourceNames(List<Checkpoint> checkpoints) implements Function<TensorInfo, Path> {
    @Override
    public Path apply(TensorInfo tensor) {
        for (Checkpoint checkpoint : checkpoints) {
            TensorInfo own = checkpoint.tensors().get(tensor.name());
            if (own != null && own.offset() == tensor.offset() && own.source().equals(tensor.source())) {
                return tensor.source()
                        .file()
                        .filter(file -> checkpoint.files().stream()
                                .anyMatch(f -> f.file().equals(file)))
                        .orElse(checkpoint.path());
            }
        }
        return tensor.source().file().orElse(Path.of(tensor.source().toString()));
    }
}
