package dev.stockpot.checkpoint.file;

import java.util.List;
import java.util.Map;

/**
 * What a checkpoint looks like before its values are written.
 *
 * @param format {@code safetensors}, {@code torch}, {@code numpy}, {@code gguf} or {@code onnx}
 * @param files the files that hold tensors
 * @param sideFiles small files next to them, complete, by name: an index
 */
public record CheckpointLayout(String format, List<FileLayout> files, Map<String, byte[]> sideFiles) {}
