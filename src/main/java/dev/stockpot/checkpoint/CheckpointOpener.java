package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.safetensors.Safetensors;
import java.nio.file.Path;
import java.util.List;

/**
 * Opens checkpoints as {@link Checkpoint#open(Path, OpenOptions)} does, one whenever it is asked for. Those that have the last
 * one's header, as fine-tunes of one model do, share it, and take less memory. Not thread-safe.
 */
public final class CheckpointOpener {
    private final OpenOptions options;
    private final Safetensors.Reader headers = new Safetensors.Reader();

    public CheckpointOpener(OpenOptions options) {
        this.options = options;
    }

    /** @throws dev.stockpot.error.CheckpointException if there is none, it is damaged, or the options do not fit it */
    public Checkpoint open(Path path) {
        return Opener.openAll(List.of(path), options, headers).get(0);
    }
}
