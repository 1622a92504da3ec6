package dev.stockpot.evaluate.torchscript;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.heldout.LogitRows;
import dev.stockpot.evaluate.heldout.NameMatch;
import dev.stockpot.evaluate.heldout.Network;
import dev.stockpot.evaluate.heldout.NetworkTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.GraphOptimizerEnabledGuard;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.NamedTensor;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.named_buffer_iterator;
import org.bytedeco.pytorch.named_buffer_list;
import org.bytedeco.pytorch.named_module_iterator;
import org.bytedeco.pytorch.named_module_list;
import org.bytedeco.pytorch.named_parameter_iterator;
import org.bytedeco.pytorch.named_parameter_list;

/** One copy of the module in CPU memory, in evaluation mode. For one thread at a time. */
final class LoadedModule implements AutoCloseable {
    /** What messages call a module. */
    static final String NOUN = "module";

    private final Path file;
    private final JitModule module;
    private final Map<String, Tensor> values;
    private final List<NetworkTensor> tensors;

    private LoadedModule(Path file, JitModule module, Map<String, Tensor> values, List<NetworkTensor> tensors) {
        this.file = file;
        this.module = module;
        this.values = values;
        this.tensors = tensors;
    }

    /**
     * Loads a file that {@code torch.jit.save} wrote.
     *
     * @throws EvaluationException if it is not one
     */
    @SuppressWarnings("try")
    static LoadedModule load(Path file) {
        try (PointerScope scope = new PointerScope()) {
            JitModule module = torch.load(file.toString(), new DeviceOptional(new Device("cpu")), false);
            module.eval();
            Map<String, Tensor> values = new LinkedHashMap<>();
            List<NetworkTensor> tensors = new ArrayList<>();
            named_parameter_list parameters = module.named_parameters();
            named_parameter_iterator parameter = parameters.begin();
            // An iterator's equals compares addresses, so the loops end by count.
            for (long n = parameters.size(); n > 0; n--, parameter.increment()) {
                take(file, parameter.access(), true, values, tensors);
            }
            named_buffer_list buffers = module.named_buffers();
            named_buffer_iterator buffer = buffers.begin();
            for (long n = buffers.size(); n > 0; n--, buffer.increment()) {
                take(file, buffer.access(), false, values, tensors);
            }
            // The scope drops its own references when it closes.
            module.retainReference();
            values.values().forEach(Tensor::retainReference);
            return new LoadedModule(file, module, values, tensors);
        } catch (EvaluationException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new EvaluationException(
                    Reason.MODULE,
                    file + " cannot be loaded as TorchScript: " + LibTorch.reason(e),
                    Details.of()
                            .file(file)
                            .hint(
                                    "torch.jit.save(torch.jit.trace(model, example), file) writes one; a checkpoint alone holds no network")
                            .cause(e));
        }
    }

    private static void take(
            Path file, NamedTensor named, boolean parameter, Map<String, Tensor> values, List<NetworkTensor> tensors) {
        String name = named.name().getString();
        if (!named.value().defined()) {
            return;
        }
        Tensor value = new Tensor(named.value());
        // The running statistics of batch normalisation are buffers, but learned.
        boolean learned = parameter || name.endsWith("running_mean") || name.endsWith("running_var");
        NetworkTensor tensor = new NetworkTensor(
                name,
                learned,
                LibTorch.dtype(value.scalar_type(), file + ": '" + name + "'"),
                shape(value),
                value.numel() == 0 ? 0 : value.data_ptr().address());
        if (parameter && tensor.dtype().isFloat()) {
            value.set_requires_grad(true);
        }
        values.put(name, value);
        tensors.add(tensor);
    }

    static List<Long> shape(Tensor tensor) {
        List<Long> shape = new ArrayList<>();
        for (long dimension = 0; dimension < tensor.dim(); dimension++) {
            shape.add(tensor.size(dimension));
        }
        return shape;
    }

    /** Puts only the submodules that keep running statistics into training mode. */
    @SuppressWarnings("try")
    void trainNormalization() {
        try (PointerScope scope = new PointerScope()) {
            named_module_list parts = module.named_modules();
            named_module_iterator part = parts.begin();
            for (long n = parts.size(); n > 0; n--, part.increment()) {
                JitModule value = part.access().value();
                if (value.hasattr("running_mean") && value.hasattr("training")) {
                    value.setattr("training", new IValue(true));
                }
            }
        }
    }

    /** Parameters, then buffers, in the module's order. */
    List<NetworkTensor> tensors() {
        return tensors;
    }

    /** Which of them take which of a candidate's tensors. */
    NameMatch match(Candidate candidate) {
        Network network = new Network(
                NOUN, "buffers", tensors, false, "the module has no parameters: save it before torch.jit.freeze", null);
        return NameMatch.of(network, candidate);
    }

    /** The tensor of a parameter or buffer. */
    Tensor value(String name) {
        return values.get(name);
    }

    /** Hands the module's logits for {@code examples} to {@code taker}, which may read them during the call. */
    @SuppressWarnings("try")
    void forward(Examples examples, String candidate, Consumer<LogitRows> taker) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard();
                Logits logits = Logits.of(logits(examples.inputs(), candidate), examples)) {
            taker.accept(logits);
        }
    }

    /**
     * The module's logits [n, classes] for {@code inputs} [n, ...], as it returns them; its first output if it has several.
     * Must be called in a {@link PointerScope}, which owns the result. The interpreter's optimizer is off: it would change
     * the last bits after a module's first calls, and scores must not depend on how many calls there were before.
     *
     * @throws EvaluationException if it fails or returns something else
     */
    @SuppressWarnings("try")
    Tensor logits(Tensor inputs, String candidate) {
        Tensor logits;
        try (GraphOptimizerEnabledGuard optimizer = new GraphOptimizerEnabledGuard(false)) {
            logits = first(module.forward(new IValueVector(new IValue(inputs))), candidate);
        } catch (EvaluationException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new EvaluationException(
                    Reason.FAILED,
                    file + " fails on inputs " + inputs.scalar_type().intern() + " " + shape(inputs) + " with "
                            + candidate + ": " + LibTorch.reason(e),
                    Details.of().file(file).cause(e));
        }
        if (logits.dim() != 2 || logits.size(0) != inputs.size(0) || !logits.is_floating_point()) {
            throw new EvaluationException(
                    Reason.MODULE,
                    file + " should return float logits [" + inputs.size(0) + ", classes] but returns "
                            + logits.scalar_type().intern() + " " + shape(logits),
                    Details.of().file(file));
        }
        return logits;
    }

    private Tensor first(IValue output, String candidate) {
        if (output.isTuple() && output.toTuple().elements().size() > 0) {
            return first(output.toTuple().elements().get(0), candidate);
        }
        if (output.isTensorList() && output.toTensorVector().size() > 0) {
            return output.toTensorVector().get(0);
        }
        if (!output.isTensor()) {
            throw new EvaluationException(
                    Reason.MODULE,
                    file + " should return a tensor of logits but returns "
                            + output.tagKind().getString() + " with " + candidate,
                    Details.of().file(file).hint("wrap the model so that it returns only logits"));
        }
        return output.toTensor();
    }

    @Override
    public void close() {
        values.values().forEach(Tensor::close);
        module.close();
    }
}
