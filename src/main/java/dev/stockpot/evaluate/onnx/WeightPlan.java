package dev.stockpot.evaluate.onnx;

import dev.stockpot.checkpoint.onnx.OnnxGraph;
import dev.stockpot.checkpoint.onnx.OnnxShell;
import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.heldout.NameMatch;
import dev.stockpot.evaluate.heldout.Network;
import dev.stockpot.evaluate.heldout.NetworkTensor;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which tensors of a model take which of a candidate's, and how the runtime gets them: large ones beside the model, small
 * ones in it, where the runtime looks at their values before it has those beside it, as with a size that a node resizes to.
 *
 * @param message the model without the values of those beside it
 * @param apart the model's tensors that are beside it, by the candidate's names
 * @param inside those in it that are the candidate's, by the candidate's names
 * @param kept those in it that are the model's own, by name
 * @param notes for the user
 */
record WeightPlan(
        OnnxShell.Message message,
        Map<String, TensorSpec> apart,
        Map<String, TensorSpec> inside,
        Map<String, TensorInfo> kept,
        List<String> notes) {
    /** What messages call a model. */
    static final String NOUN = "ONNX model";

    private static final long SMALL_FLOATS = 1 << 10;
    private static final long SMALL_INTEGERS = 1 << 16;

    /** Operators whose operands of two or more dimensions are learned. */
    private static final Set<String> WEIGHTED = Set.of(
            "MatMul", "Gemm", "Conv", "ConvTranspose", "LSTM", "GRU", "RNN", "FusedMatMul", "FusedGemm", "FusedConv");

    private static final String EXPORT =
            "an export may transpose, join and rename weights: export the model without that (torch.onnx.export with"
                    + " optimize=False), or give checkpoints that were exported to ONNX alike";

    /**
     * Matches a candidate's tensors.
     *
     * @throws EvaluationException if names, shapes or kinds do not fit; it lists them
     */
    static WeightPlan of(OnnxShell shell, Candidate candidate) {
        List<NetworkTensor> tensors = new ArrayList<>();
        for (TensorInfo tensor : shell.tensors().values()) {
            boolean learned = isLearned(tensor, shell.uses().get(tensor.name()));
            tensors.add(new NetworkTensor(tensor.name(), learned, tensor.dtype(), tensor.shape(), 0));
        }
        Network network = new Network(NOUN, "constants", tensors, true, "the " + NOUN + " has no initializers", EXPORT);
        NameMatch match = NameMatch.of(network, candidate);
        Map<String, TensorSpec> apart = new LinkedHashMap<>();
        Map<String, TensorSpec> inside = new LinkedHashMap<>();
        Map<String, TensorInfo> kept = new LinkedHashMap<>(shell.tensors());
        match.byCandidate().forEach((name, own) -> {
            TensorSpec tensor = kept.remove(own.get(0)).spec();
            checkType(candidate.tensors().get(name), tensor);
            (isApart(shell, tensor) ? apart : inside).put(name, tensor);
        });
        OnnxShell.Message message = shell.message(names(apart), names(inside));
        kept.keySet()
                .retainAll(message.inside().stream().map(place -> place.name()).toList());
        return new WeightPlan(message, apart, inside, kept, match.notes());
    }

    private static Set<String> names(Map<String, TensorSpec> tensors) {
        return Set.copyOf(tensors.values().stream().map(TensorSpec::name).toList());
    }

    /** Constants of a graph are not learned: no operator multiplies with them as a weight. */
    private static boolean isLearned(TensorInfo tensor, OnnxGraph.Use use) {
        return tensor.dtype().isFloat() && tensor.shape().size() > 1 && use != null && WEIGHTED.contains(use.op());
    }

    private static boolean isApart(OnnxShell shell, TensorSpec tensor) {
        if (!shell.isReachable(tensor.name()) || !OnnxRuntime.takes(tensor.dtype())) {
            return false;
        }
        if (tensor.bytes() > Integer.MAX_VALUE) {
            throw new EvaluationException(
                    Reason.MODULE,
                    "'" + tensor.name() + "' has " + tensor.bytes()
                            + " bytes, more than the 2 GiB that ONNX Runtime takes from Java",
                    Details.of().tensor(tensor.name()));
        }
        return tensor.bytes() > (tensor.dtype().isFloat() ? SMALL_FLOATS : SMALL_INTEGERS);
    }

    /** Floats are converted; integers must have the model's type, or be booleans as bytes. */
    private static void checkType(TensorSpec tensor, TensorSpec own) {
        boolean floats = tensor.dtype().isFloat() && own.dtype().isFloat();
        boolean mask = isMask(tensor.dtype()) && isMask(own.dtype());
        if (!floats && !mask && tensor.dtype() != own.dtype()) {
            throw new EvaluationException(
                    Reason.MODULE,
                    "'" + own.name() + "' is " + own.dtype() + " in the " + NOUN + " but " + tensor.dtype()
                            + " in the candidate",
                    Details.of().tensor(tensor.name()));
        }
    }

    private static boolean isMask(DType dtype) {
        return dtype == DType.BOOL || dtype == DType.U8;
    }
}
