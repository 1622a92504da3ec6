package dev.stockpot.evaluate.torchscript;

import dev.stockpot.evaluate.Outputs;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;

/** Gathers a module's logits, batch by batch. */
final class OutputRows {
    private final double[][] logits;
    private final int[] labels;
    private int filled;

    OutputRows(int examples) {
        logits = new double[examples][];
        labels = new int[examples];
    }

    @SuppressWarnings("try")
    void add(LoadedModule module, Examples examples, String candidate) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard();
                Logits batch = Logits.of(module.logits(examples.inputs(), candidate), examples)) {
            for (int row = 0; row < batch.rows(); row++, filled++) {
                logits[filled] = new double[batch.classes()];
                batch.row(row).get(logits[filled]);
                labels[filled] = batch.label(row);
            }
        }
    }

    Outputs outputs() {
        return Outputs.of(logits, labels);
    }
}
