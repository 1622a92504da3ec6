package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.storage.Spool;
import dev.stockpot.checkpoint.torch.storage.TensorPlacer;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what {@code torch.save} writes, the zip format and the one before it, without running anything in it. */
public final class TorchCheckpoint {
    private static final String FORMAT = "torch";

    private TorchCheckpoint() {}

    /**
     * Opens one file; {@code named} is what the user named. Values that do not lie in it as contiguous little-endian bytes
     * are copied to a temporary file, which goes away when nothing refers to the tensors any more.
     *
     * @throws CheckpointException where it is damaged, holds something that is not weights in their place, or has no weights
     *     under the key that the options name
     */
    public static Checkpoint open(Path named, Path file, OpenOptions options) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                Spool spool = new Spool(file)) {
            TorchStructure structure = TorchStructure.read(file, channel, spool);
            WeightsFinder finder = new WeightsFinder(file, structure.root(), structure.code());
            WeightsFinder.Found found = finder.find(options.key());
            TensorPlacer placer = new TensorPlacer(file, channel, structure.storages(), spool);
            Map<String, TensorInfo> tensors = new LinkedHashMap<>();
            for (Map.Entry<String, Value.Tensor> entry :
                    finder.tensors(found, options.key() != null).entrySet()) {
                tensors.put(entry.getKey(), placer.place(entry.getKey(), entry.getValue()));
            }
            List<Checkpoint.FileSize> files = List.of(new Checkpoint.FileSize(file, channel.size()));
            Checkpoint checkpoint =
                    new Checkpoint(named, FORMAT, files, structure.metadata(), tensors, finder.choices(found));
            spool.keep();
            return checkpoint;
        } catch (IOException e) {
            throw new CheckpointException(file, "cannot be read: " + e, null, e);
        } catch (OutOfMemoryError e) {
            // A pickle may describe objects without end; what they take is let go of by now.
            throw new CheckpointException(
                    file, "has a pickle too large for the Java heap", "give the JVM more, such as -Xmx1g", e);
        }
    }
}
