package dev.stockpot.soup;

import dev.stockpot.engine.Engine;
import dev.stockpot.engine.stream.StreamedModel;
import dev.stockpot.run.Run;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A soup as the files of a model directory: those with weights, which can be written in any order and by many machines, and
 * those beside them, which make a model of them. They have the bytes of {@link Soup#write(Path, dev.stockpot.checkpoint.WriteOptions,
 * Run)}. Immutable and thread-safe.
 */
public final class SoupFiles {
    private final Soup soup;
    private final StreamedModel model;

    SoupFiles(Soup soup, StreamedModel model) {
        this.soup = soup;
        this.model = model;
    }

    /**
     * A file with weights.
     *
     * @param name its path in the directory
     * @param bytes its length
     */
    public record Weights(String name, long bytes) {}

    /** Takes a small file, whole. */
    @FunctionalInterface
    public interface Sink {
        /** @param name its path in the directory */
        void write(String name, byte[] content) throws IOException;
    }

    /** The files with weights. */
    public List<Weights> weights() {
        return model.weights().stream()
                .map(file -> new Weights(file.name(), file.bytes()))
                .toList();
    }

    /** The text of the recipe that the files have with them, if they have one. */
    public Optional<String> recipe() {
        return model.options().recipe();
    }

    /**
     * Looks for what speaks against the soup, and reports notes on its ingredients, as a run does before it writes one.
     *
     * @throws dev.stockpot.error.SoupException if it would be no model worth having
     */
    public void check(Run run) throws InterruptedException {
        soup.check(run);
        soup.tell(run.listener());
    }

    /**
     * Writes a file with weights, from its first byte to its last.
     *
     * @param file its place among the {@link #weights}
     * @param out is flushed, and left open; after an exception it has a part of the file, which is of no use
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read, or has changed
     * @throws IOException if {@code out} fails
     * @throws InterruptedException if the thread is interrupted
     */
    public void write(int file, OutputStream out, Run run) throws IOException, InterruptedException {
        try (Engine engine = Engine.open(run)) {
            model.write(file, out, engine);
        }
    }

    /**
     * Writes the files beside the weights: configuration, tokenizer and the like of the first ingredient, the recipe, and last of
     * all the index, without which several files of weights are no model.
     *
     * @param directory where the model will be, on any file system
     * @throws IOException if {@code sink} fails, or a file of the first ingredient
     */
    public void writeRest(Path directory, Run run, Sink sink) throws IOException {
        model.writeRest(directory, run.listener(), sink::write);
    }
}
