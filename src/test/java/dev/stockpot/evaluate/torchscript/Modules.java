package dev.stockpot.evaluate.torchscript;

import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Writes small TorchScript files. */
final class Modules {
    private Modules() {}

    /** A module with parameters and buffers of one type and the given shapes, all zeros, and a {@code forward}. */
    static Path write(
            Path file, ScalarType type, Map<String, long[]> parameters, Map<String, long[]> buffers, String code) {
        return write(file, type, parameters, type, buffers, code);
    }

    /** The same with buffers of another type. */
    @SuppressWarnings("try")
    static Path write(
            Path file,
            ScalarType type,
            Map<String, long[]> parameters,
            ScalarType bufferType,
            Map<String, long[]> buffers,
            String code) {
        try (PointerScope scope = new PointerScope()) {
            JitModule module = new JitModule(new QualifiedName("Small"));
            parameters.forEach((name, shape) -> module.register_parameter(name, zeros(type, shape), false));
            buffers.forEach((name, shape) -> module.register_buffer(name, zeros(bufferType, shape)));
            module.define(code);
            module.save(file.toString());
        }
        return file;
    }

    /** A module that holds one F64 parameter, all zeros, under two names. */
    @SuppressWarnings("try")
    static Path writeTied(Path file, String name, String again, long[] shape, String code) {
        try (PointerScope scope = new PointerScope()) {
            JitModule module = new JitModule(new QualifiedName("Tied"));
            Tensor shared = zeros(ScalarType.Double, shape);
            module.register_parameter(name, shared, false);
            module.register_parameter(again, shared, false);
            module.define(code);
            module.save(file.toString());
        }
        return file;
    }

    private static Tensor zeros(ScalarType type, long[] shape) {
        return torch.zeros(shape, new TensorOptions(type));
    }
}
