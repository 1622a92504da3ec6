package dev.stockpot.merge.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.pass.MemoryMixer;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.merge.Fact;
import dev.stockpot.merge.FactListener;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Parameter;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Isa;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import dev.stockpot.tensor.MemorySource;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Merges of one tensor in memory. */
final class Merges {
    private final MergeMethod method;
    private final List<Long> shape;
    private final Map<String, double[]> given = new HashMap<>();
    private long seed;
    private DType dtype = DType.F32;
    private DType out = DType.F32;

    private Merges(String method, long... shape) {
        this.method = MergeMethods.named(method).orElseThrow();
        this.shape = Arrays.stream(shape).boxed().toList();
    }

    static Merges of(String method, long... shape) {
        return new Merges(method, shape);
    }

    Merges with(String parameter, double... values) {
        given.put(parameter, values);
        return this;
    }

    Merges seed(long value) {
        seed = value;
        return this;
    }

    /** The type of the models, and of the result. */
    Merges of(DType models, DType result) {
        dtype = models;
        out = result;
        return this;
    }

    /** Merges on the best kernels; the base is last if the method has one. */
    double[] of(double[]... models) throws InterruptedException {
        return decoded(bytes(Engine.on(KernelSelection.best()), models));
    }

    /** Merges with given kernels, threads and tiles. */
    ByteBuffer bytes(Isa isa, int threads, int tileBytes, double[]... models) throws InterruptedException {
        return bytes(KernelSelection.select(isa), threads, tileBytes, models);
    }

    /** Merges with given kernels, which it closes, threads and tiles. */
    ByteBuffer bytes(Kernels kernels, int threads, int tileBytes, double[]... models) throws InterruptedException {
        return bytes(Engine.on(kernels, threads, IoMode.AUTO, tileBytes), models);
    }

    /** What the method tells, by name, after it has made the tensor in small tiles; the same bytes as without that. */
    Map<String, Object> facts(double[]... models) throws InterruptedException {
        return facts(KernelSelection.best(), models);
    }

    /** The same on given kernels, which it closes. */
    Map<String, Object> facts(Kernels kernels, double[]... models) throws InterruptedException {
        ByteBuffer silent = bytes(Isa.AUTO, 3, 1 << 16, models);
        Map<String, Object> found = new TreeMap<>();
        List<String> told = new ArrayList<>();
        Engine engine = Engine.on(kernels, 3, IoMode.AUTO, 1 << 16);
        assertEquals(
                silent,
                bytes(
                        engine,
                        Optional.of((name, facts) -> {
                            told.add(name);
                            for (Fact fact : facts) {
                                Object value = fact instanceof Fact.Number number
                                        ? (Object) number.value()
                                        : fact instanceof Fact.Word word ? word.word() : ((Fact.ByModel) fact).values();
                                assertNull(found.put(fact.name(), value), fact.name());
                            }
                        }),
                        models));
        assertEquals(found.isEmpty() ? List.of() : List.of("a.weight"), told, "once");
        return found;
    }

    private ByteBuffer bytes(Engine engine, double[]... models) throws InterruptedException {
        return bytes(engine, Optional.empty(), models);
    }

    private ByteBuffer bytes(Engine engine, Optional<FactListener> listener, double[]... models)
            throws InterruptedException {
        boolean base = hasBase(models.length);
        int count = base ? models.length - 1 : models.length;
        Map<String, double[]> values = new HashMap<>();
        for (Parameter parameter : method.parameters()) {
            double[] all = new double[parameter.perModel() ? count : 1];
            double[] those = given.get(parameter.name());
            for (int k = 0; k < all.length; k++) {
                all[k] = those == null
                        ? parameter.otherwise().orElseThrow(() -> new AssertionError(parameter))
                        : those[those.length == 1 ? 0 : k];
            }
            values.put(parameter.name(), all);
        }
        List<TensorInfo> sources = Arrays.stream(models).map(this::tensor).toList();
        MergeTensor tensor = new MergeTensor("a.weight", shape, count, base, seed, values);
        MixTensor made = listener.isEmpty()
                ? Steps.tensor(tensor, out, sources, () -> method.merge(tensor), (name, facts) -> {})
                : Steps.tensor(tensor, out, sources, () -> method.merge(tensor.withFacts()), listener.get());
        ByteBuffer result =
                ByteBuffer.allocateDirect(Math.toIntExact(made.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        try (engine) {
            MemoryMixer.mix(List.of(made), List.of(TensorMemory.of(result)), engine);
        }
        return result;
    }

    private boolean hasBase(int sources) {
        return method.base() == MergeMethod.Base.REQUIRED
                || method.base() == MergeMethod.Base.OPTIONAL && given.containsKey("base");
    }

    private TensorInfo tensor(double[] values) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(Math.toIntExact(dtype.bytes(values.length)))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < values.length; i++) {
            FloatFormat.encode(dtype, values[i], bytes, i * dtype.bits() / 8);
        }
        return new TensorInfo(
                "a.weight", dtype, shape, new MemorySource("memory", TensorMemory.of(bytes)), 0, bytes.capacity());
    }

    private double[] decoded(ByteBuffer bytes) {
        double[] values = new double[bytes.capacity() * 8 / out.bits()];
        for (int i = 0; i < values.length; i++) {
            values[i] = FloatFormat.decode(out, bytes, i * out.bits() / 8);
        }
        return values;
    }
}
