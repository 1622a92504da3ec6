package dev.stockpot.checkpoint.file;

import java.io.Closeable;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a format's reader found in a checkpoint.
 *
 * @param format {@code safetensors} or {@code torch}
 * @param files those that hold tensors, with their sizes in bytes when their headers were read
 * @param metadata free text beside the tensors
 * @param tensors by name
 * @param choices the mappings of names to tensors that the file holds, where it holds more than one; otherwise empty
 * @param copied what had to be copied to be read in place, to be closed when nobody needs the tensors any more
 */
public record Contents(
        String format,
        Map<Path, Long> files,
        Map<String, String> metadata,
        TensorMap tensors,
        List<Choice> choices,
        Optional<Closeable> copied) {
    /**
     * A mapping of names to tensors.
     *
     * @param key what chooses it; empty for the whole file
     * @param tensors how many it gives
     * @param chosen whether it is the one that was read
     */
    public record Choice(String key, int tensors, boolean chosen) {}

    public Contents {
        files = Collections.unmodifiableMap(files);
        metadata = Collections.unmodifiableMap(metadata);
        choices = List.copyOf(choices);
    }

    /** Of one mapping, read in place. */
    public Contents(String format, Map<Path, Long> files, Map<String, String> metadata, TensorMap tensors) {
        this(format, files, metadata, tensors, List.of(), Optional.empty());
    }
}
