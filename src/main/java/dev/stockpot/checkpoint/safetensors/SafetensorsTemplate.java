package dev.stockpot.checkpoint.safetensors;

import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.FlatTemplate;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file that outputs are written like: its names, its metadata, its order of tensors, and values that begin at
 * a multiple of what they begin at there.
 */
public final class SafetensorsTemplate extends FlatTemplate {
    /** Beyond a page, an alignment is chance. */
    private static final long LARGEST_ALIGNMENT = 4096;

    private SafetensorsTemplate(Path file, Contents contents, Naming naming) {
        super(file, contents, naming);
    }

    /**
     * Reads the header of {@code file}.
     *
     * @throws CheckpointException if it is not valid, or the naming has keys
     */
    public static SafetensorsTemplate open(Path file, Naming naming) {
        if (!naming.keys().isEmpty()) {
            throw new CheckpointException(
                    Reason.NO_KEYS, file, "is a safetensors file, which has no keys to choose by");
        }
        return new SafetensorsTemplate(file, new Safetensors.Reader().open(file), naming);
    }

    @Override
    public CheckpointLayout layout(
            Path out, List<TensorSpec> tensors, Map<String, String> tied, Map<String, String> metadata) {
        Map<String, TensorSpec> placed = placed(tensors);
        Map<String, String> names = new HashMap<>();
        placed.forEach((name, tensor) -> names.put(tensor.name(), name));
        return new CheckpointLayout(
                Safetensors.FORMAT,
                List.of(SafetensorsLayout.layout(
                        out.getFileName().toString(),
                        List.copyOf(placed.values()),
                        merged(metadata),
                        alignment(),
                        names::get)),
                Map.of());
    }

    private int alignment() {
        long first = LARGEST_ALIGNMENT;
        for (TensorInfo tensor : contents().tensors().values()) {
            first = tensor.offset();
            break;
        }
        return (int) Math.min(LARGEST_ALIGNMENT, Math.max(1, Long.lowestOneBit(first)));
    }
}
