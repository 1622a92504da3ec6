package dev.stockpot.checkpoint.safetensors;

import dev.stockpot.checkpoint.file.Contents;
import java.nio.file.Path;
import java.util.Map;

/** Reads the safetensors format. */
public final class Safetensors {
    /** The format's name. */
    public static final String FORMAT = "safetensors";

    private Safetensors() {}

    /** Opens files one after another; a header that equals the last one byte for byte is not parsed again. */
    public static final class Reader {
        private SafetensorsHeader.Known last;

        /**
         * Opens one file.
         *
         * @throws dev.stockpot.error.CheckpointException if its header is not valid
         */
        public Contents open(Path file) {
            last = SafetensorsHeader.read(file, last);
            SafetensorsHeader header = last.header();
            return new Contents(FORMAT, Map.of(file, header.fileBytes()), header.metadata(), header.tensors());
        }
    }
}
