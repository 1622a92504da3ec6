package dev.stockpot.evaluate.heldout;

import dev.stockpot.evaluate.Outputs;

/** Gathers a network's logits, batch by batch. */
public final class OutputRows {
    private final double[][] logits;
    private final int[] labels;
    private int filled;

    /** For as many examples. */
    public OutputRows(int examples) {
        logits = new double[examples][];
        labels = new int[examples];
    }

    /** Adds the next batch. */
    public void add(LogitRows batch) {
        for (int row = 0; row < batch.rows(); row++, filled++) {
            logits[filled] = new double[batch.classes()];
            batch.row(row).get(logits[filled]);
            labels[filled] = batch.label(row);
        }
    }

    /** All of them. */
    public Outputs outputs() {
        return Outputs.of(logits, labels);
    }
}
