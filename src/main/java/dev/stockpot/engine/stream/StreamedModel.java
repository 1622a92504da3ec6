package dev.stockpot.engine.stream;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.write.Companions;
import dev.stockpot.engine.write.DirectoryLayout;
import dev.stockpot.engine.write.SourceNames;
import dev.stockpot.run.RunListener;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A model directory, file by file: those with weights are written in any order, by whoever has the same inputs. */
public final class StreamedModel {
    /** Takes a small file, whole. */
    @FunctionalInterface
    public interface Sink {
        /** @param name its path in the directory */
        void write(String name, byte[] content) throws IOException;
    }

    private final List<Checkpoint> inputs;
    private final List<MixTensor> tensors;
    private final Map<String, MixTensor> byName = new HashMap<>();
    private final WriteOptions options;
    private final CheckpointLayout layout;

    /** Lays it out like the first of {@code inputs}. */
    public StreamedModel(
            List<Checkpoint> inputs, List<MixTensor> tensors, Map<String, String> metadata, WriteOptions options) {
        this.inputs = inputs;
        this.tensors = tensors;
        this.options = options;
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        this.layout = DirectoryLayout.of(
                inputs.get(0), tensors.stream().map(MixTensor::spec).toList(), metadata, options);
    }

    /** How it is written. */
    public WriteOptions options() {
        return options;
    }

    /** Its files with weights. */
    public List<FileLayout> weights() {
        return layout.files();
    }

    /**
     * Writes a file of weights.
     *
     * @throws IOException if {@code out} fails
     */
    public void write(int file, OutputStream out, Engine engine) throws IOException, InterruptedException {
        StreamedFile.write(layout.files().get(file), byName, new SourceNames(inputs), out, engine);
    }

    /**
     * Writes all else: configuration, tokenizer and the like, and last of all the index.
     *
     * @param directory where it will be
     * @throws IOException if {@code sink} fails, or a file of the first input
     */
    public void writeRest(Path directory, RunListener listener, Sink sink) throws IOException {
        Companions.Contents contents = new Companions(inputs.get(0), options, directory).of(tensors, listener);
        Map<String, Path> copies = new LinkedHashMap<>(contents.copies());
        copies.keySet().removeAll(contents.texts().keySet());
        for (Map.Entry<String, Path> copy : copies.entrySet()) {
            sink.write(copy.getKey(), Files.readAllBytes(copy.getValue()));
        }
        for (Map<String, byte[]> small : List.of(contents.texts(), layout.sideFiles())) {
            for (Map.Entry<String, byte[]> file : small.entrySet()) {
                sink.write(file.getKey(), file.getValue());
            }
        }
    }
}
