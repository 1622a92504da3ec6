package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.checkpoint.spool.Spool;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.storage.TensorPlacer;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what {@code torch.save} writes, the zip format and the one before it, without running anything in it. */
public final class TorchCheckpoint {
    static final String FORMAT = "torch";

    private TorchCheckpoint() {}

    /**
     * Opens one file. Values that are not in it as contiguous little-endian bytes are copied to a temporary file, which is
     * deleted when it is closed, or when nothing refers to the tensors any more.
     *
     * @param keys of the mappings to read, each the keys on the path to it, joined with dots; empty or a dot for the whole
     *     file; none to look in the usual places
     * @param marking whether names that several of these have are marked by key; otherwise they are an error
     * @throws CheckpointException if it is damaged, holds something else in place of weights, or has no weights under
     *     that key
     */
    public static Contents open(Path file, List<String> keys, boolean marking) {
        try (RandomFile in = RandomFile.open(file);
                Spool spool = new Spool(in)) {
            TorchStructure structure = TorchStructure.read(file, in, spool);
            Weights weights = new Weights(file, structure, keys, marking);
            TensorPlacer placer = new TensorPlacer(file, in, structure.storages(), spool);
            LinkedHashMap<String, TensorInfo> tensors = new LinkedHashMap<>();
            for (Map.Entry<String, Value.Tensor> entry : weights.tensors().entrySet()) {
                tensors.put(entry.getKey(), placer.place(entry.getKey(), entry.getValue()));
            }
            in.checkUnchanged();
            return new Contents(
                    FORMAT,
                    Map.of(file, in.size()),
                    structure.metadata(),
                    TensorMap.of(tensors),
                    weights.choices(),
                    weights.unread().weights(),
                    weights.notes(),
                    spool.keep());
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        } catch (OutOfMemoryError e) {
            // A pickle may describe objects without end; the memory that they took is garbage by now.
            throw new CheckpointException(
                    Reason.NO_MEMORY,
                    file,
                    "has a pickle too large for the Java heap",
                    Details.of().hint("give the JVM more, such as -Xmx1g").cause(e));
        }
    }
}
