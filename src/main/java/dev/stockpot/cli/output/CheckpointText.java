package dev.stockpot.cli.output;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.text.Figures;
import java.nio.file.Files;
import java.nio.file.Path;

/** A checkpoint in a few words. */
public final class CheckpointText {
    private CheckpointText() {}

    /** What it holds: tensors, parameters and bytes. */
    public static String contents(Checkpoint checkpoint) {
        return Figures.count(checkpoint.tensors().size(), "tensor") + ", "
                + Figures.count(checkpoint.parameters(), "parameter") + ", " + Figures.bytes(checkpoint.bytes());
    }

    /** A checkpoint that was written: where, what it is, and what it holds. */
    public static String written(Path out, String what, Checkpoint checkpoint) {
        return out + ": " + (Files.isDirectory(out) ? "model directory, " : "") + what + contents(checkpoint);
    }
}
