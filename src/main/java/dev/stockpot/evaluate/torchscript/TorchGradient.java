package dev.stockpot.evaluate.torchscript;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.evaluate.heldout.CrossEntropy;
import dev.stockpot.evaluate.heldout.NameMatch;
import dev.stockpot.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The result of one backward pass: native tensors that this owns. */
final class TorchGradient implements GradientEvaluator.Gradient {
    private final double loss;
    private final double byBeta;
    private final Map<String, Part> parts = new LinkedHashMap<>();
    private final List<Tensor> owned = new ArrayList<>();

    private TorchGradient(double loss, double byBeta) {
        this.loss = loss;
        this.byBeta = byBeta;
    }

    /**
     * Differentiates the mean cross-entropy of {@code beta} times the module's logits.
     *
     * @param module with the candidate mixed in
     * @param names the match of its names to the candidate's
     * @throws EvaluationException if the module fails, or its logits depend on no parameter
     */
    @SuppressWarnings("try")
    static TorchGradient of(LoadedModule module, NameMatch names, String candidate, Examples examples, double beta) {
        try (PointerScope scope = new PointerScope()) {
            Tensor raw = module.logits(examples.inputs(), candidate);
            if (!raw.requires_grad()) {
                throw new EvaluationException(
                        Reason.NO_GRADIENT,
                        "the module's logits depend on no parameter in a way that can be differentiated",
                        Details.of().hint("it may detach its output or switch gradients off"));
            }
            try (Logits logits = Logits.of(raw, examples)) {
                CrossEntropy crossEntropy = new CrossEntropy(beta);
                double loss = 0;
                double byBeta = 0;
                for (int row = 0; row < logits.rows(); row++) {
                    crossEntropy.of(logits.row(row), logits.label(row));
                    loss += crossEntropy.loss();
                    byBeta += crossEntropy.byBeta();
                    crossEntropy.toGradient(logits.row(row), logits.label(row), 1.0 / logits.rows());
                }
                TorchGradient gradient = new TorchGradient(loss / logits.rows(), byBeta / logits.rows());
                gradient.backward(raw, logits.tensor(), module, names);
                return gradient;
            }
        }
    }

    private void backward(Tensor logits, Tensor byLogits, LoadedModule module, NameMatch names) {
        Map<String, List<Tensor>> parameters = new LinkedHashMap<>();
        names.byCandidate().forEach((name, counterparts) -> {
            List<Tensor> distinct = new ArrayList<>();
            for (String counterpart : counterparts) {
                Tensor parameter = module.value(counterpart);
                if (parameter.requires_grad() && distinct.stream().noneMatch(parameter::is_same)) {
                    distinct.add(parameter);
                }
            }
            parameters.put(name, distinct);
        });
        Tensor[] inputs = parameters.values().stream().flatMap(List::stream).toArray(Tensor[]::new);
        TensorVector gradients;
        try {
            gradients = torch.grad(
                    new TensorVector(logits),
                    new TensorVector(inputs),
                    new TensorVector(byLogits.to(logits.scalar_type())),
                    new BoolOptional(),
                    false,
                    true);
        } catch (RuntimeException e) {
            throw new EvaluationException(
                    Reason.NO_GRADIENT,
                    "the module cannot be differentiated: " + LibTorch.reason(e),
                    Details.of().cause(e));
        }
        int next = 0;
        for (Map.Entry<String, List<Tensor>> entry : parameters.entrySet()) {
            Tensor sum = null;
            for (int n = entry.getValue().size(); n > 0; n--, next++) {
                Tensor gradient = gradients.get(next);
                if (gradient.defined()) {
                    sum = sum == null ? new Tensor(gradient) : sum.add(gradient);
                }
            }
            if (sum != null) {
                keep(entry.getKey(), sum);
            }
        }
    }

    private void keep(String name, Tensor gradient) {
        boolean wide = gradient.scalar_type().intern() == ScalarType.Double;
        ScalarType type = wide ? ScalarType.Double : ScalarType.Float;
        Tensor values = gradient.to(type).contiguous();
        owned.add(values.retainReference());
        TensorSpec tensor = new TensorSpec(name, LibTorch.dtype(type, name), LoadedModule.shape(values));
        parts.put(name, new Part(tensor, TensorBytes.of(values)));
    }

    @Override
    public double loss() {
        return loss;
    }

    @Override
    public double byBeta() {
        return byBeta;
    }

    @Override
    public Map<String, Part> byTensor() {
        return Collections.unmodifiableMap(parts);
    }

    @Override
    public void close() {
        owned.forEach(Tensor::close);
        owned.clear();
        parts.clear();
    }
}
