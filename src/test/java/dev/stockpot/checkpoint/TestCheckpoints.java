package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.file.Contents;
import java.nio.file.Path;
import java.util.List;

/** Checkpoints as a reader could return them. */
public final class TestCheckpoints {
    private TestCheckpoints() {}

    /** A checkpoint with these contents. */
    public static Checkpoint of(Path path, Contents contents) {
        return new Checkpoint(path, contents, List.of(), OpenOptions.defaults(), List.of());
    }
}
