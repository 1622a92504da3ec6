package dev.stockpot.engine;

import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.MemoryPart;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Memory for a model's tensors outside the Java heap, so that kernels work on them in place. */
public final class ModelMemory implements AutoCloseable {
    /** Tensors start at multiples of a cache line. */
    private static final long LINE = 64;

    private final Memory memory;
    private final Map<String, TensorMemory> tensors = new LinkedHashMap<>();

    private ModelMemory(Memory memory) {
        this.memory = memory;
    }

    /**
     * Allocates memory for {@code specs}, not cleared; the caller closes it.
     *
     * @throws OutOfMemoryError if the system has no more
     */
    public static ModelMemory allocate(Collection<TensorSpec> specs) {
        long bytes = specs.stream().mapToLong(ModelMemory::room).sum();
        ModelMemory model = new ModelMemory(KernelSelection.best().memory().allocate(Math.max(LINE, bytes)));
        long at = 0;
        for (TensorSpec spec : specs) {
            model.tensors.put(spec.name(), new MemoryPart(model.memory, at, spec.bytes()));
            at += room(spec);
        }
        return model;
    }

    private static long room(TensorSpec spec) {
        return (spec.bytes() + LINE - 1) / LINE * LINE;
    }

    /** Each tensor's memory, by name. */
    public Map<String, TensorMemory> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** Frees the memory. Nothing may use it afterwards. */
    @Override
    public void close() {
        memory.close();
    }
}
