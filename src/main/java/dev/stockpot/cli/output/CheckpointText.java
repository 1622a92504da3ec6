package dev.stockpot.cli.output;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.text.Figures;

/** A checkpoint in a few words. */
public final class CheckpointText {
    private CheckpointText() {}

    /** What it holds: tensors, parameters and bytes. */
    public static String contents(Checkpoint checkpoint) {
        return Figures.count(checkpoint.tensors().size(), "tensor") + ", "
                + Figures.count(checkpoint.parameters(), "parameter") + ", " + Figures.bytes(checkpoint.bytes());
    }
}
