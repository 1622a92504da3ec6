package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.file.FileLayout.Placement;
import dev.stockpot.checkpoint.safetensors.Safetensors;
import dev.stockpot.checkpoint.safetensors.SafetensorsLayout;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.MixPlan;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.Stretch;
import dev.stockpot.engine.pass.GradientDots;
import dev.stockpot.engine.pass.MixEngine;
import dev.stockpot.engine.pass.StepEngine;
import dev.stockpot.engine.pass.TensorGradient;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.run.MixListener;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file that a descent mixes its candidate into, step after step in the same place: each tensor right behind its
 * dot products, so that ingredients too large for memory are read from their disk once a step.
 */
public final class StepFile implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final FileLayout layout;
    private final Map<String, Placement> places = new LinkedHashMap<>();

    private StepFile(Path path, FileChannel channel, FileLayout layout) {
        this.path = path;
        this.channel = channel;
        this.layout = layout;
        layout.tensors().forEach(place -> places.put(place.name(), place));
    }

    /**
     * A new file for {@code tensors}; nothing is mixed yet.
     *
     * @throws CheckpointException where it cannot be written
     */
    public static StepFile create(Path path, List<MixTensor> tensors) {
        List<TensorSpec> specs = tensors.stream()
                .map(t -> new TensorSpec(t.name(), t.dtype(), t.shape()))
                .toList();
        FileLayout layout = SafetensorsLayout.file(path.getFileName().toString(), specs, Map.of("format", "pt"))
                .files()
                .get(0);
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            StepFile file = new StepFile(path, channel, layout);
            file.write(0, ByteBuffer.wrap(layout.header()));
            return file;
        } catch (IOException e) {
            throw new CheckpointException(path, "cannot be written: " + e.getMessage(), null, e);
        }
    }

    /** The file as a checkpoint; its values are what was mixed last. */
    public Checkpoint checkpoint() {
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        places.forEach((name, place) -> tensors.put(
                name, new TensorInfo(name, place.dtype(), place.shape(), path, place.offset(), place.bytes())));
        List<Checkpoint.FileSize> files = List.of(new Checkpoint.FileSize(path, layout.bytes()));
        return new Checkpoint(path, Safetensors.FORMAT, files, Map.of("format", "pt"), tensors);
    }

    /**
     * Mixes tensors to their places.
     *
     * @throws CheckpointException where a file cannot be read or written
     * @throws InterruptedException where the calling thread was interrupted; the file holds anything
     */
    public void mix(List<MixTensor> tensors, EngineSettings settings) throws InterruptedException {
        List<MixPlan.Placed> placed = tensors.stream()
                .map(t -> new MixPlan.Placed(t, 0, places.get(t.name()).offset()))
                .toList();
        try {
            new MixEngine(settings, MixListener.silent())
                    .run(new MixPlan(placed), (output, offset, bytes) -> write(offset, bytes));
        } catch (IOException e) {
            throw new CheckpointException(path, "cannot be written: " + e.getMessage(), null, e);
        }
    }

    /**
     * Multiplies gradients with their ingredients, one tensor after the other, and mixes each tensor anew as soon as {@code
     * update} has seen its dot products.
     *
     * @throws CheckpointException where a file cannot be read or written
     * @throws InterruptedException where the calling thread was interrupted; the file holds anything
     */
    public void multiplyThenMix(List<TensorGradient> gradients, GradientDots.Update update, EngineSettings settings)
            throws InterruptedException {
        StepEngine.Update mix = (tensor, dots) -> {
            TensorGradient gradient = gradients.get(tensor);
            Placement place = places.get(gradient.name());
            MixTensor.Average how = update.next(tensor, dots);
            return how == null ? null : new Stretch(0, place.offset(), place.dtype(), gradient.spans(), how);
        };
        try {
            new StepEngine(settings, MixListener.silent(), true)
                    .run(gradients, mix, (output, offset, bytes) -> write(offset, bytes));
        } catch (IOException e) {
            throw new CheckpointException(path, "cannot be written: " + e.getMessage(), null, e);
        }
    }

    private void write(long offset, ByteBuffer bytes) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /** Closes it; the file stays where it is. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new CheckpointException(path, "cannot be closed: " + e.getMessage(), null, e);
        }
    }
}
