package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.adapter.AdapterTensors;
import dev.stockpot.checkpoint.adapter.Folding;
import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A LoRA adapter as PEFT saves it: a directory with {@code adapter_config.json} and {@code adapter_model.safetensors} or {@code
 * adapter_model.bin}. It changes the weights of some modules of its base by {@code scale * B A}. Immutable.
 *
 * <pre>{@code
 * Checkpoint model = Adapter.of(Stockpot.open(Path.of("adapter"))).foldedInto(Stockpot.open(Path.of("base")));
 * }</pre>
 */
public final class Adapter {
    private final Checkpoint checkpoint;
    private final AdapterTensors tensors;
    private final double weight;

    private Adapter(Checkpoint checkpoint, AdapterTensors tensors, double weight) {
        this.checkpoint = checkpoint;
        this.tensors = tensors;
        this.weight = weight;
    }

    /** Whether a checkpoint is a directory with an adapter's settings, or the weights in one. Reads nothing. */
    public static boolean isOne(Checkpoint checkpoint) {
        return file(checkpoint)
                .map(AdapterTensors::settings)
                .filter(file -> DirectoryWeights.at(file).isPresent())
                .isPresent();
    }

    /**
     * The paths of a base and its adapter, if that is what a path names ({@code BASE+ADAPTER}); otherwise the path itself.
     *
     * @throws CheckpointException if one of the two is not there, or it cannot be told which they are
     */
    public static List<Path> paths(Path path) {
        if (!AdaptedPath.mayBe(path) || DirectoryWeights.at(path).isPresent()) {
            return List.of(path);
        }
        AdaptedPath pair = AdaptedPath.of(path);
        return List.of(pair.base(), pair.adapter());
    }

    /**
     * The adapter whose factors a checkpoint has. Its settings, in {@code adapter_config.json} beside them, are read now.
     *
     * @throws CheckpointException if there are no settings, they are not of a LoRA adapter, or the tensors are not its
     */
    public static Adapter of(Checkpoint checkpoint) {
        return new Adapter(
                checkpoint,
                AdapterTensors.of(
                        checkpoint.path(),
                        file(checkpoint),
                        checkpoint.tensors().values()),
                1);
    }

    private static Optional<Path> file(Checkpoint checkpoint) {
        return checkpoint.files().stream().map(Checkpoint.FileSize::file).findFirst();
    }

    /** What it was read from. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /** The same with its changes multiplied by {@code factor}. */
    public Adapter withWeight(double factor) {
        if (!Double.isFinite(factor)) {
            throw new IllegalArgumentException("an adapter's weight should be a finite number but got " + factor);
        }
        return new Adapter(checkpoint, tensors, factor);
    }

    /** The name or path of the model that it was made for, if it says so. */
    public Optional<String> base() {
        return tensors.config().base();
    }

    /**
     * A base with this adapter folded in: {@code W + scale * B A} for every weight that it adapts, rounded once to the base's
     * type. The values are calculated as they are read.
     *
     * @throws CheckpointException if it adapts tensors that {@code base} lacks, or has in another shape
     */
    public Checkpoint foldedInto(Checkpoint base) {
        return fold(base, List.of(this), Optional.empty());
    }

    /**
     * The same for several adapters at once, whose changes are added up before the one rounding.
     *
     * @param dtype of the weights that change; empty for the base's own
     * @throws CheckpointException as for one; or if two replace the same tensor
     * @throws IllegalArgumentException if {@code dtype} is not a float type
     */
    public static Checkpoint fold(Checkpoint base, List<Adapter> adapters, Optional<DType> dtype) {
        if (dtype.isPresent() && !dtype.get().isFloat()) {
            throw new IllegalArgumentException("weights can only be of a float type but got " + dtype.get());
        }
        Folding.Folded folded = Folding.of(
                base.path(),
                base.tensors(),
                adapters.stream()
                        .map(adapter -> new Folding.Weighted(adapter.tensors, adapter.weight))
                        .toList(),
                dtype);
        List<Checkpoint> parts = new ArrayList<>(List.of(base));
        adapters.forEach(adapter -> parts.add(adapter.checkpoint));
        Map<Path, Long> files = new LinkedHashMap<>();
        Set<String> notes = new LinkedHashSet<>();
        StringBuilder path = new StringBuilder();
        for (Checkpoint part : parts) {
            part.files().forEach(file -> files.put(file.file(), file.bytes()));
            notes.addAll(part.notes());
            path.append(path.isEmpty() ? "" : "+").append(part.path());
        }
        notes.addAll(folded.notes());
        Contents contents =
                new Contents(Checkpoint.FOLDED, files, base.metadata(), folded.tensors()).saying(List.copyOf(notes));
        return new Checkpoint(
                base.path().getFileSystem().getPath(path.toString()), contents, base.folders(), base.opened(), parts);
    }

    @Override
    public String toString() {
        return "Adapter[" + checkpoint.path() + ", " + tensors.modules().size() + " modules]";
    }
}
