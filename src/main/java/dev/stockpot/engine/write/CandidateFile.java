package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointBuilder;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.file.FileLayout.Placement;
import dev.stockpot.checkpoint.safetensors.Safetensors;
import dev.stockpot.checkpoint.safetensors.SafetensorsLayout;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixPlan;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.disk.OutputFile;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.engine.disk.OutputFiles.Filling;
import dev.stockpot.engine.pass.FinitePass;
import dev.stockpot.engine.pass.GradientDots;
import dev.stockpot.engine.pass.OutputSink;
import dev.stockpot.engine.pass.TensorGradient;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.Source;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file that a descent mixes its candidate into, in place, at every step. Each tensor is mixed as soon as its
 * dot products are known, so ingredients too large for memory are read from disk once per step.
 */
public final class CandidateFile implements AutoCloseable {
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    private final Path path;
    private final OutputFile file;
    private final long bytes;
    private final OutputSink sink;
    private final Map<String, Placement> places = new LinkedHashMap<>();

    private CandidateFile(Path path, OutputFile file, FileLayout layout) {
        this.path = path;
        this.file = file;
        this.bytes = layout.bytes();
        this.sink = (output, offset, bytes) -> file.write(offset, bytes);
        layout.tensors().forEach(place -> places.put(place.name(), place));
    }

    /**
     * Creates a file for {@code tensors}; nothing is mixed yet.
     *
     * @throws CheckpointException if it cannot be written
     * @throws InterruptedException if the calling thread was interrupted
     */
    public static CandidateFile create(Path path, List<MixTensor> tensors) throws InterruptedException {
        return create(path, tensors, OutputFiles.DISK);
    }

    /** The same on a file system whose calls may fail. */
    static CandidateFile create(Path path, List<MixTensor> tensors, OutputFiles system) throws InterruptedException {
        FileLayout layout = SafetensorsLayout.file(
                        path.getFileName().toString(),
                        tensors.stream().map(MixTensor::spec).toList(),
                        METADATA)
                .files()
                .get(0);
        try {
            OutputFile file = system.create(path, layout.bytes(), Filling.PLAIN);
            try {
                file.write(0, ByteBuffer.wrap(layout.header()));
                return new CandidateFile(path, file, layout);
            } catch (IOException | RuntimeException | Error e) {
                file.close();
                throw e;
            }
        } catch (ClosedByInterruptException e) {
            throw CheckpointWriter.cancelled(e);
        } catch (IOException e) {
            throw cannotBeWritten(path, e);
        }
    }

    private static CheckpointException cannotBeWritten(Path path, IOException e) {
        return CheckpointException.unwritable(path, e);
    }

    /** The file as a checkpoint; its values are those mixed last. */
    public Checkpoint checkpoint() {
        CheckpointBuilder checkpoint = Checkpoint.describing(path, Safetensors.FORMAT)
                .metadata(METADATA)
                .file(path, bytes);
        Source source = new FileSource(path);
        places.values().forEach(place -> checkpoint.put(place.in(source)));
        return checkpoint.build();
    }

    /**
     * Mixes tensors into their places.
     *
     * @throws CheckpointException if a file cannot be read or written
     * @throws InterruptedException if the calling thread was interrupted; the values in the file are undefined
     */
    public void mix(List<MixTensor> tensors, Engine engine) throws InterruptedException {
        List<MixPlan.Placed> placed = tensors.stream()
                .map(t -> new MixPlan.Placed(t, 0, places.get(t.name()).offset()))
                .sorted(Comparator.comparingLong(MixPlan.Placed::offset))
                .toList();
        try {
            FinitePass.run(new MixPlan(placed), sink, engine, new SourceNames(List.of()));
        } catch (IOException e) {
            throw cannotBeWritten(path, e);
        }
    }

    /**
     * Multiplies gradients with their ingredients, tensor by tensor, and mixes each tensor again as soon as {@code update}
     * has received its dot products.
     *
     * @throws CheckpointException if a file cannot be read or written
     * @throws InterruptedException if the calling thread was interrupted; the values in the file are undefined
     */
    public void multiplyThenMix(List<TensorGradient> gradients, GradientDots.Update update, Engine engine)
            throws InterruptedException {
        List<GradientDots.Place> targets = gradients.stream()
                .map(gradient -> places.get(gradient.name()))
                .map(place -> new GradientDots.Place(0, place.offset(), place.dtype()))
                .toList();
        try {
            GradientDots.thenMix(gradients, targets, update, sink, engine);
        } catch (IOException e) {
            throw cannotBeWritten(path, e);
        }
    }

    /** Closes the file, which stays where it is. */
    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw CheckpointException.unwritable(path, e);
        }
    }
}
