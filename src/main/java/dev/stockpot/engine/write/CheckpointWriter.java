package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.Checkpoints;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.safetensors.SafetensorsLayout;
import dev.stockpot.checkpoint.torch.TorchLayout;
import dev.stockpot.checkpoint.torch.TorchTemplate;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.MixPlan;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.pass.MixEngine;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.MixListener;
import dev.stockpot.system.AvailableMemory;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Mixes tensors into a new checkpoint: a file, or a model directory with the first input's companions. */
public final class CheckpointWriter {
    /** How many of the things that are left out a note names. */
    private static final int NOTES_SHOWN = 10;

    private final Path out;
    private final OutputPath target;
    private final WriteOptions options;
    private final Checkpoint first;
    private final long inputBytes;
    private final TorchTemplate template;

    /**
     * Checks that {@code out} may be written.
     *
     * @throws CheckpointException where it may not: it exists, is an input, or its folder is missing or not writable; or
     *     where it is to be like a file that it cannot be like
     */
    public CheckpointWriter(Path out, WriteOptions options, List<Checkpoint> inputs) {
        this.out = out;
        this.options = options;
        this.first = inputs.get(0);
        this.inputBytes = inputs.stream().mapToLong(Checkpoint::bytes).sum();
        WriteOptions.Like like = options.like();
        List<Path> files = new ArrayList<>();
        inputs.forEach(input -> input.files().forEach(file -> files.add(file.file())));
        if (like != null) {
            files.add(like.file());
        }
        this.target = OutputPath.check(out, options.replace(), files);
        this.template = like == null ? null : template(like, inputs);
    }

    private TorchTemplate template(WriteOptions.Like like, List<Checkpoint> inputs) {
        if (target.format() != OutputFormat.TORCH) {
            throw new CheckpointException(out, "is no PyTorch file, so it cannot be like " + like.file());
        }
        TorchTemplate found = Checkpoints.template(like.file(), like.options());
        // Where all inputs have the same tensors, so has the output: that is known before it is mixed.
        boolean alike = inputs.stream()
                .allMatch(
                        input -> input.tensors().keySet().equals(first.tensors().keySet()));
        if (alike) {
            found.check(first.tensors().values().stream()
                    .map(t -> new TensorSpec(t.name(), t.dtype(), t.shape()))
                    .toList());
        }
        return found;
    }

    /** Whether {@code out} would be written as a PyTorch file, which has a structure. */
    public static boolean isTorch(Path out) {
        return out.getFileName() != null && OutputFormat.of(out) == OutputFormat.TORCH;
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
        Map<String, MixTensor> byName = new HashMap<>(tensors.size() * 4 / 3 + 1);
        tensors.forEach(t -> byName.put(t.name(), t));
        CheckpointLayout layout = switch (target.format()) {
            case DIRECTORY -> SafetensorsLayout.sharded(specs, metadata, options.maxShardBytes());
            case SAFETENSORS -> SafetensorsLayout.file(out.getFileName().toString(), specs, metadata);
            case TORCH ->
                template == null ? TorchLayout.file(out, specs, metadata) : like(specs, byName, metadata, listener);
        };
        try (PendingOutput pending = PendingOutput.create(
                target, layout, companions(), options.card(), isDirect(layout, settings.io()), settings.inFlight())) {
            new MixEngine(settings, listener).run(plan(byName, layout), pending);
            listener.finishing();
            pending.commit(options.durable());
        } catch (IOException e) {
            throw new CheckpointException(out, "cannot be written: " + e.getMessage(), null, e);
        }
        return template == null ? written(layout, metadata) : Checkpoints.open(out, template.options());
    }

    /** Whether what is written passes by the page cache, as what is read does then. */
    private boolean isDirect(CheckpointLayout layout, IoMode io) {
        long written = layout.files().stream().mapToLong(FileLayout::bytes).sum();
        return io == IoMode.DIRECT || (io == IoMode.AUTO && !AvailableMemory.holds(inputBytes + written));
    }

    /** The template's structure; adds what it keeps to {@code tensors}. */
    private CheckpointLayout like(
            List<TensorSpec> specs,
            Map<String, MixTensor> tensors,
            Map<String, String> metadata,
            MixListener listener) {
        template.check(specs);
        if (!template.leftOut().isEmpty()) {
            int more = template.leftOut().size() - NOTES_SHOWN;
            listener.note(options.like().file() + ": left out what cannot be written again: "
                    + template.leftOut().stream().limit(NOTES_SHOWN).collect(Collectors.joining(", "))
                    + (more > 0 ? " and " + more + " more" : ""));
        }
        Map<String, String> tied = Ties.of(template.ties(), tensors, listener);
        for (TensorInfo kept : template.kept()) {
            tensors.put(
                    kept.name(),
                    new MixTensor(kept.name(), kept.dtype(), kept.shape(), List.of(kept), MixTensor.Copy.COPY));
        }
        return template.layout(out, specs, tied, metadata);
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

    private static MixPlan plan(Map<String, MixTensor> byName, CheckpointLayout layout) {
        List<MixPlan.Placed> placed = new ArrayList<>(byName.size());
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
