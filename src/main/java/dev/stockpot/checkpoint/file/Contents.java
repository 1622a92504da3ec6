package dev.stockpot.checkpoint.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a format's reader found in a checkpoint.
 *
 * @param format {@code safetensors}, {@code torch}, {@code numpy}, {@code gguf} or {@code onnx}
 * @param files the files that hold tensors, with their sizes in bytes when their headers were read
 * @param metadata free text in addition to the tensors
 * @param tensors by name
 * @param choices the mappings of names to tensors that the file holds; empty if it is one itself, and holds no other
 * @param further those of them that may be weights too but were not read
 * @param notes what to know about how it was read, in words
 * @param copied the copy of values that cannot be read in place, if any; closed when the tensors are no longer needed
 */
public record Contents(
        String format,
        Map<Path, Long> files,
        Map<String, String> metadata,
        TensorMap tensors,
        List<Choice> choices,
        List<Choice> further,
        List<String> notes,
        Optional<Closeable> copied) {
    /** What a note says of tensors that are quantised in their file. */
    public static final String DECODED = "read as decoded";

    /**
     * A mapping of names to tensors.
     *
     * @param key the key that chooses it; empty for the whole file
     * @param tensors how many it has
     * @param chosen whether it is the one that was read
     */
    public record Choice(String key, int tensors, boolean chosen) {}

    public Contents {
        files = Collections.unmodifiableMap(files);
        metadata = Collections.unmodifiableMap(metadata);
        choices = List.copyOf(choices);
        further = List.copyOf(further);
        notes = List.copyOf(notes);
    }

    /** Deletes the copied values because of {@code failure}, which is to be thrown. */
    public void discard(Throwable failure) {
        discard(copied.stream().toList(), failure);
    }

    /** The same for several. */
    public static void discard(List<Closeable> copied, Throwable failure) {
        for (Closeable part : copied) {
            try {
                part.close();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }

    /** What closes all of {@code copied}; empty if there are none. */
    public static Optional<Closeable> closingAll(List<Closeable> copied) {
        if (copied.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(() -> {
            for (Closeable part : copied) {
                part.close();
            }
        });
    }

    /** Contents of one mapping, read in place. */
    public Contents(String format, Map<Path, Long> files, Map<String, String> metadata, TensorMap tensors) {
        this(format, files, metadata, tensors, List.of(), List.of(), List.of(), Optional.empty());
    }

    /** The same with other tensors. */
    public Contents with(TensorMap others) {
        return new Contents(format, files, metadata, others, choices, further, notes, copied);
    }

    /** The same with more to know about how it was read. */
    public Contents saying(List<String> more) {
        List<String> all = new ArrayList<>(notes);
        all.addAll(more);
        return new Contents(format, files, metadata, tensors, choices, further, all, copied);
    }
}
