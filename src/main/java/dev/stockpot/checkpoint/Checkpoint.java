package dev.stockpot.checkpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One model's weights, read in place: its header has been read and validated, its values have not. Holds no open file.
 *
 * @param path what the user named: a file, an index file or a model directory
 * @param format {@code safetensors} or {@code torch}
 * @param files the files that hold tensors, with their sizes when the header was read, in a stable order
 * @param metadata free text that the format keeps beside the tensors; empty where it keeps none
 * @param tensors by name, in the order in which their values lie in the files
 */
public record Checkpoint(
        Path path, String format, List<FileSize> files, Map<String, String> metadata, Map<String, TensorInfo> tensors) {

    /** A file of the checkpoint and its size in bytes when its header was read. */
    public record FileSize(Path file, long bytes) {}

    /** Bytes of all its files. */
    public long bytes() {
        return files.stream().mapToLong(FileSize::bytes).sum();
    }

    /** Elements of all its tensors. */
    public long parameters() {
        return tensors.values().stream().mapToLong(TensorInfo::elements).sum();
    }
}
