package dev.stockpot.checkpoint.safetensors;

import dev.stockpot.checkpoint.file.Contents;
import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.Map;

/** Reads the safetensors format. */
public final class Safetensors {
    /** The format's name. */
    public static final String FORMAT = "safetensors";

    private Safetensors() {}

    /** Opens files one after another; a header that equals the last one byte for byte is not parsed again. */
    public static final class Reader {
        /** Its bytes may take as much memory as what was read from them, and are needed no longer once all files are open. */
        private SoftReference<SafetensorsHeader.Known> last = new SoftReference<>(null);

        /**
         * Opens one file.
         *
         * @throws dev.stockpot.error.CheckpointException if its header is not valid
         */
        public Contents open(Path file) {
            SafetensorsHeader.Known known = SafetensorsHeader.read(file, last.get());
            last = new SoftReference<>(known);
            SafetensorsHeader header = known.header();
            return new Contents(FORMAT, Map.of(file, header.fileBytes()), header.metadata(), header.tensors());
        }
    }
}
