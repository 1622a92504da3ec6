package dev.stockpot.checkpoint.safetensors;

import dev.stockpot.checkpoint.Checkpoint;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** Reads the safetensors format. */
public final class Safetensors {
    /** What {@link Checkpoint#format} says of these files. */
    public static final String FORMAT = "safetensors";

    private Safetensors() {}

    /** Whether a file of {@code size} bytes that begins with {@code start} can be one. */
    public static boolean looksLike(ByteBuffer start, long size) {
        return SafetensorsHeader.looksLike(start, size);
    }

    /**
     * Opens one file; {@code named} is what the user named.
     *
     * @throws dev.stockpot.error.CheckpointException where its header is not valid
     */
    public static Checkpoint open(Path named, Path file) {
        SafetensorsHeader header = SafetensorsHeader.read(file);
        List<Checkpoint.FileSize> files = List.of(new Checkpoint.FileSize(file, header.fileBytes()));
        return new Checkpoint(named, FORMAT, files, header.metadata(), header.tensors());
    }
}
