package dev.stockpot.engine;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointLayout;
import dev.stockpot.checkpoint.FileLayout;
import dev.stockpot.checkpoint.TensorInfo;
import dev.stockpot.checkpoint.TensorSpec;
import dev.stockpot.checkpoint.safetensors.SafetensorsLayout;
import dev.stockpot.checkpoint.torch.TorchLayout;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Mixes tensors into a new checkpoint: a file, or a model directory with the first input's companions. */
public final class CheckpointWriter {
    private final Path out;
    private final OutputPath target;
    private final WriteOptions options;
    private final Checkpoint first;

    /**
     * Checks that {@code out} may be written.
     *
     * @throws CheckpointException where it may not: it exists, is an input, or its folder is missing or not writable
     */
    public CheckpointWriter(Path out, WriteOptions options, List<Checkpoint> inputs) {
        this.out = out;
        this.options = options;
        this.first = inputs.get(0);
        this.target = OutputPath.check(out, options.replace(), inputs);
    }

    /**
     * Writes {@code tensors}.
     *
     * @return the result, as opening it would give it
     * @throws CheckpointException where a file cannot be read or written; nothing is left behind
     * @throws InterruptedException where the thread was interrupted; nothing is left behind
     */
    public Checkpoint write(
            List<MixTensor> tensors, Map<String, String> metadata, EngineSettings settings, MixListener listener)
            throws InterruptedException {
        List<TensorSpec> specs = tensors.stream()
                .map(t -> new TensorSpec(t.name(), t.dtype(), t.shape()))
                .toList();
        CheckpointLayout layout = switch (target.format()) {
            case DIRECTORY -> SafetensorsLayout.sharded(specs, metadata, options.maxShardBytes());
            case SAFETENSORS -> SafetensorsLayout.file(out.getFileName().toString(), specs, metadata);
            case TORCH -> TorchLayout.file(out, specs, metadata);
        };
        try (PendingOutput pending = PendingOutput.create(target, layout, companions(), options.card())) {
            new MixEngine(settings, listener).run(plan(tensors, layout), pending::write);
            listener.finishing();
            pending.commit(options.durable());
        } catch (IOException e) {
            throw new CheckpointException(out, "cannot be written: " + e.getMessage(), null, e);
        }
        return written(layout, metadata);
    }

    /** The result as opening it would give it, without reading again what is known. */
    private Checkpoint written(CheckpointLayout layout, Map<String, String> metadata) {
        List<Checkpoint.FileSize> files = new ArrayList<>();
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        for (FileLayout file : layout.files()) {
            Path path = target.directory() ? out.resolve(file.name()) : out;
            files.add(new Checkpoint.FileSize(path, file.bytes()));
            for (FileLayout.Placement place : file.tensors()) {
                tensors.put(
                        place.name(),
                        new TensorInfo(
                                place.name(), place.dtype(), place.shape(), path, place.offset(), place.bytes()));
            }
        }
        return new Checkpoint(out, layout.format(), files, metadata, tensors);
    }

    private static MixPlan plan(List<MixTensor> tensors, CheckpointLayout layout) {
        Map<String, MixTensor> byName = new HashMap<>();
        tensors.forEach(t -> byName.put(t.name(), t));
        List<MixPlan.Placed> placed = new ArrayList<>(tensors.size());
        for (int file = 0; file < layout.files().size(); file++) {
            for (FileLayout.Placement place : layout.files().get(file).tensors()) {
                placed.add(new MixPlan.Placed(byName.get(place.name()), file, place.offset()));
            }
        }
        return new MixPlan(placed);
    }

    /** A model directory takes along what lies beside the first input's weights. */
    private List<Path> companions() throws IOException {
        if (!target.directory()) {
            return List.of();
        }
        Path folder = Files.isDirectory(first.path())
                ? first.path()
                : first.path().toAbsolutePath().getParent();
        boolean model = Files.isDirectory(first.path()) || Files.exists(folder.resolve("config.json"));
        return model ? ModelFolder.companions(folder) : List.of();
    }
}
