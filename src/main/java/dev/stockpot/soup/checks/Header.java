package dev.stockpot.soup.checks;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the names, types and shapes of a checkpoint's tensors say at a glance.
 *
 * @param quantised the first quantised tensor, in words; null if there is none
 * @param factor the name of the first tensor that is a factor of an adapter; null if there is none
 * @param empty how many tensors have no elements
 * @param placeholder the first that has none although its name is that of a weight; null if there is none
 */
record Header(Map<String, TensorInfo> tensors, String quantised, String factor, int empty, String placeholder) {
    /** Whether there is nothing to look at again. */
    boolean isPlain() {
        return quantised == null && factor == null && empty == 0;
    }

    /** Of each checkpoint; what several share is looked at once. */
    static List<Header> of(List<Checkpoint> checkpoints) {
        List<Header> headers = new ArrayList<>(checkpoints.size());
        Header last = null;
        for (Checkpoint checkpoint : checkpoints) {
            if (last == null || !last.isOf(checkpoint.tensors())) {
                last = of(checkpoint.tensors());
            }
            headers.add(last);
        }
        return headers;
    }

    private boolean isOf(Map<String, TensorInfo> others) {
        return tensors == others
                || tensors instanceof TensorMap mine && others instanceof TensorMap map && mine.isViewOfSame(map);
    }

    private static Header of(Map<String, TensorInfo> tensors) {
        String quantised = null;
        String factor = null;
        String placeholder = null;
        int empty = 0;
        for (TensorInfo tensor : tensors.values()) {
            if (quantised == null && Quantised.mayBe(tensor.dtype())) {
                quantised = Quantised.words(tensor, tensors);
            }
            if (factor == null && Adapters.isFactor(tensor.name())) {
                factor = tensor.name();
            }
            if (tensor.bytes() == 0) {
                empty++;
                if (placeholder == null && Placeholders.isOne(tensor)) {
                    placeholder = tensor.name();
                }
            }
        }
        return new Header(tensors, quantised, factor, empty, placeholder);
    }
}
