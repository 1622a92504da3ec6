package dev.stockpot.training;

import dev.stockpot.training.NetworkSource.Slot;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolType;
import org.bytedeco.pytorch.GraphOptimizerEnabledGuard;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Type;

/**
 * A network in libtorch's memory, compiled from its source, so that the module that is trained is the one that is saved. For
 * one thread at a time.
 */
final class Network implements AutoCloseable {
    private final NetworkSource source;
    private final JitModule module;
    private final Map<Slot, Tensor> tensors = new LinkedHashMap<>();

    private Network(NetworkSource source, JitModule module) {
        this.source = source;
        this.module = module;
    }

    /** A network whose tensors hold their starting values, drawn with {@code seed}. */
    @SuppressWarnings("try")
    static Network create(NetworkSource source, long seed) {
        Random random = new Random(seed);
        try (PointerScope scope = new PointerScope()) {
            Network network = new Network(source, module("Network"));
            Map<String, JitModule> parts = new LinkedHashMap<>();
            for (Slot slot : source.tensors()) {
                JitModule part = parts.computeIfAbsent(slot.module(), Network::module);
                Tensor values = Tensor.create(start(slot, random), slot.shape());
                if (slot.buffer()) {
                    part.register_buffer(slot.name(), values);
                } else {
                    values.set_requires_grad(true);
                    part.register_parameter(slot.name(), values, false);
                }
                network.tensors.put(slot, values.retainReference());
            }
            parts.forEach(network.module::register_module);
            network.module.define(source.code());
            network.module.retainReference();
            return network;
        }
    }

    private static JitModule module(String name) {
        JitModule module = new JitModule(new QualifiedName("__torch__.stockpot." + name));
        module.register_attribute("training", new Type.TypePtr(BoolType.get().get()), new IValue(true), false, false);
        return module;
    }

    private static float[] start(Slot slot, Random random) {
        float[] values = new float[slot.elements()];
        double deviation = switch (slot.start()) {
            case SCALED -> Math.sqrt(2.0 * slot.shape()[0] / values.length);
            case SMALL -> 0.05;
            case ZEROS, ONES -> 0;
        };
        for (int i = 0; i < values.length; i++) {
            values[i] = slot.start() == NetworkSource.Start.ONES ? 1 : (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    NetworkSource source() {
        return source;
    }

    /** Logits [n, classes]; owned by the caller's {@link PointerScope}. */
    @SuppressWarnings("try")
    Tensor logits(Tensor inputs) {
        // Fusing operations after the first calls would change last bits from call to call.
        try (GraphOptimizerEnabledGuard off = new GraphOptimizerEnabledGuard(false)) {
            return module.forward(new IValueVector(new IValue(inputs))).toTensor();
        }
    }

    /** Whether batch normalisation takes the batch's own statistics. */
    void training(boolean on) {
        module.train(on);
    }

    /** The tensors that are learned; owned by the caller's {@link PointerScope}. */
    TensorVector parameters() {
        return new TensorVector(tensors.entrySet().stream()
                .filter(entry -> !entry.getKey().buffer())
                .map(Map.Entry::getValue)
                .toArray(Tensor[]::new));
    }

    /** A copy of all values. */
    Map<Slot, float[]> values() {
        Map<Slot, float[]> values = new LinkedHashMap<>();
        tensors.forEach((slot, tensor) -> {
            float[] copy = new float[slot.elements()];
            FloatBuffer memory = tensor.createBuffer();
            memory.get(copy);
            values.put(slot, copy);
        });
        return values;
    }

    /**
     * Takes over values of another network, by name. If the other's tensor is longer, its last values are taken: the
     * outputs for the last classes.
     */
    void take(Map<Slot, float[]> values) {
        Map<String, float[]> byName = new LinkedHashMap<>();
        values.forEach((slot, array) -> byName.put(slot.fullName(), array));
        tensors.forEach((slot, tensor) -> {
            float[] from = byName.get(slot.fullName());
            FloatBuffer memory = tensor.createBuffer();
            memory.put(from, from.length - slot.elements(), slot.elements());
        });
    }

    /** Writes the module, in evaluation mode, as {@code torch.jit.save} does. */
    void save(Path file) {
        training(false);
        module.save(file.toString());
    }

    @Override
    public void close() {
        tensors.values().forEach(Tensor::close);
        module.close();
    }
}
