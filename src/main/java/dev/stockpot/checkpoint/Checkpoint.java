package dev.stockpot.checkpoint;

import dev.stockpot.tensor.TensorInfo;
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
 * @param tensors by name, in the order in which their values lie in the files (safetensors) or that the model gave them
 *     (torch)
 * @param choices the mappings of names to tensors that the file holds, where it holds more than one; otherwise empty
 */
public record Checkpoint(
        Path path,
        String format,
        List<FileSize> files,
        Map<String, String> metadata,
        Map<String, TensorInfo> tensors,
        List<Choice> choices) {

    /** A checkpoint of one mapping. */
    public Checkpoint(
            Path path,
            String format,
            List<FileSize> files,
            Map<String, String> metadata,
            Map<String, TensorInfo> tensors) {
        this(path, format, files, metadata, tensors, List.of());
    }

    /** A file of the checkpoint and its size in bytes when its header was read. */
    public record FileSize(Path file, long bytes) {}

    /**
     * A mapping of names to tensors.
     *
     * @param key what {@link OpenOptions#key} chooses it by; empty for the whole file
     * @param tensors how many it gives
     * @param chosen whether it is the one that was read
     */
    public record Choice(String key, int tensors, boolean chosen) {}

    /** Whether it is one file in which all its tensors lie; PyTorch's may lie in a file beside it. */
    public boolean isOneFile() {
        if (files.size() != 1) {
            return false;
        }
        Path file = files.get(0).file();
        return tensors.values().stream()
                .allMatch(t -> t.file() == file || t.file().equals(file));
    }

    /** Whether it is one file in which the same tensors lie alike as in {@code other}, which is one too. */
    public boolean liesAs(Checkpoint other) {
        // Views of one header's tensors have its very names.
        if (tensors.keySet() == other.tensors.keySet()) {
            return files.size() == 1;
        }
        return tensors.size() == other.tensors.size()
                && isOneFile()
                && tensors.values().stream().allMatch(t -> t.liesAs(other.tensors.get(t.name())));
    }

    /** Bytes of all its files. */
    public long bytes() {
        return files.stream().mapToLong(FileSize::bytes).sum();
    }

    /** Elements of all its tensors. */
    public long parameters() {
        return tensors.values().stream().mapToLong(TensorInfo::elements).sum();
    }
}
