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

    /** Opens files one after the other; a header that is the last one's, byte for byte, is not taken apart again. */
    public static final class Reader {
        private SafetensorsHeader.Known last;

        /**
         * Opens one file; {@code named} is what the user named.
         *
         * @throws dev.stockpot.error.CheckpointException where its header is not valid
         */
        public Checkpoint open(Path named, Path file) {
            last = SafetensorsHeader.read(file, last);
            SafetensorsHeader header = last.header();
            List<Checkpoint.FileSize> files = List.of(new Checkpoint.FileSize(file, header.fileBytes()));
            return new Checkpoint(named, FORMAT, files, header.metadata(), header.tensors());
        }
    }
}
