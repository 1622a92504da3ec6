package dev.stockpot.soup.checks;

import dev.stockpot.run.Concern;
import dev.stockpot.tensor.TensorInfo;
import java.util.List;

/**
 * Tensors without elements where weights should be. DeepSpeed's ZeRO stage 3 leaves one of shape [0] in each module for every
 * parameter that it has partitioned.
 */
final class Placeholders {
    private Placeholders() {}

    /** Whether a tensor without elements has the name of one that has some in every model. */
    static boolean isOne(TensorInfo tensor) {
        return tensor.dtype().isFloat()
                && tensor.shape().size() == 1
                && (tensor.name().endsWith("weight") || tensor.name().endsWith("bias"));
    }

    private static boolean has(Header header) {
        return header.empty() > 0
                && (header.placeholder() != null
                        || header.empty() == header.tensors().size());
    }

    static void check(Models models) {
        List<Integer> hollow = models.which(Placeholders::has);
        if (hollow.isEmpty()) {
            return;
        }
        Header first = models.header(hollow.get(0));
        String example = first.placeholder() == null
                ? first.tensors().keySet().iterator().next()
                : first.placeholder();
        models.doubt(Doubt.stop(
                Concern.PLACEHOLDERS,
                hollow,
                (hollow.size() == 1 ? "has" : "have") + " placeholders instead of weights: " + first.empty() + " of "
                        + first.tensors().size() + " tensors are empty (such as " + example
                        + "), as DeepSpeed's ZeRO stage 3 leaves them: its zero_to_fp32.py makes whole weights of the partitions",
                "run zero_to_fp32.py, which DeepSpeed puts beside its checkpoints, and take what it writes"));
    }
}
