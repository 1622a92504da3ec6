package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.file.Contents;
import java.nio.file.Path;

/** Checkpoints as a reader could have found them. */
public final class TestCheckpoints {
    private TestCheckpoints() {}

    /** One with these contents. */
    public static Checkpoint of(Path path, Contents contents) {
        return new Checkpoint(path, contents);
    }
}
