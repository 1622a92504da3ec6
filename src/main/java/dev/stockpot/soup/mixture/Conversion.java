package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.write.CheckpointWriter;
import dev.stockpot.run.MixListener;
import dev.stockpot.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A checkpoint in another format, layout or dtype. Without a dtype every tensor keeps its bytes. */
public final class Conversion {
    private Conversion() {}

    /**
     * Writes {@code checkpoint} to {@code out}.
     *
     * @param dtype a float type for the float tensors, or null to keep each tensor's own
     * @return the output, opened
     * @throws dev.stockpot.error.CheckpointException where a file cannot be read or written; nothing is left at {@code out}
     */
    public static Checkpoint write(
            Checkpoint checkpoint,
            Path out,
            DType dtype,
            WriteOptions options,
            EngineSettings settings,
            MixListener listener)
            throws InterruptedException {
        List<MixTensor> tensors = checkpoint.tensors().values().stream()
                .map(tensor -> {
                    boolean rounds = dtype != null && tensor.dtype().isFloat() && tensor.dtype() != dtype;
                    MixTensor.How how = rounds ? new MixTensor.Average(null, 1) : MixTensor.Copy.COPY;
                    DType output = rounds ? dtype : tensor.dtype();
                    return new MixTensor(tensor.name(), output, tensor.shape(), List.of(tensor), how);
                })
                .toList();
        Map<String, String> metadata = new TreeMap<>(checkpoint.metadata());
        metadata.putIfAbsent("format", "pt");
        return new CheckpointWriter(out, options, List.of(checkpoint)).write(tensors, metadata, settings, listener);
    }
}
