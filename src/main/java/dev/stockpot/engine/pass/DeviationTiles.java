package dev.stockpot.engine.pass;

import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.SourceSpans;
import dev.stockpot.engine.read.BufferPlan;
import dev.stockpot.engine.read.InputFiles;
import dev.stockpot.engine.read.TileSources;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** One thread's place to form deviations, a tile of whole blocks of every model at a time, and to multiply them. */
final class DeviationTiles implements AutoCloseable {
    /** All models' deviations together should stay in a second-level cache: each is read once for every model. */
    private static final long CACHED = 1 << 20;

    /** Vectors lie a little apart: at equal distances of a power of two they would share cache sets. */
    private static final int STAGGER = 320;

    private final Kernels kernels;
    private final TileSources sources;
    private final int tileElements;
    private final long slot;
    private final Memory vectors;

    DeviationTiles(Kernels kernels, InputFiles inputs, BufferPlan plan, int sources) {
        this.kernels = kernels;
        this.sources = new TileSources(kernels, inputs, plan);
        this.tileElements = Math.toIntExact(plan.tileBytes() / 8);
        this.slot = plan.tileBytes() + STAGGER;
        this.vectors = kernels.allocate(slot * (sources + 1));
    }

    /** The tile's bytes are those of its F64 deviations; what is read is never wider. */
    static BufferPlan plan(EngineSettings settings, InputFiles inputs, int sources) {
        long block = Dot.BLOCK * 8L;
        BufferPlan most = BufferPlan.of(settings, inputs, 2 * sources + 2, block);
        long fits = Math.max(1, Math.min(CACHED / (sources + 1), most.tileBytes()) / block);
        return new BufferPlan(most.threads(), fits * block, most.readSources());
    }

    /**
     * The packed products of a chunk's deviations, the origin last.
     *
     * @param span the chunk, from a multiple of a block on
     * @param stopped whether to give up; the result is then anything
     */
    double[] products(Deviations tensor, SourceSpans span, BooleanSupplier stopped) {
        int count = tensor.sources().size() + 1;
        double[][] rows = new double[count][];
        for (int i = 0; i < count; i++) {
            rows[i] = new double[count - i];
        }
        for (long first = 0; first < span.elements() && !stopped.getAsBoolean(); first += tileElements) {
            SourceSpans tile = span.slice(first, Math.min(tileElements, span.elements() - first));
            List<Mix.Operand> deviations = deviations(tensor, tile);
            for (int i = 0; i < count; i++) {
                kernels.dot(new Dot(deviations.get(i), deviations.subList(i, count), tile.elements()), rows[i]);
            }
            sources.releaseBehind(tile);
        }
        double[] packed = new double[Gram.packed(count)];
        for (int i = 0; i < count; i++) {
            System.arraycopy(rows[i], 0, packed, Gram.row(count, i), count - i);
        }
        return packed;
    }

    private List<Mix.Operand> deviations(Deviations tensor, SourceSpans tile) {
        int models = tensor.sources().size();
        List<Mix.Operand> read = sources.operands(tile);
        Mix.Operand origin = vector(models);
        List<Mix.Operand> whence = tensor.origin() == null ? read : List.of(read.get(models));
        kernels.mix(new Mix(origin, whence, tile.elements(), null, whence.size()));
        List<Mix.Operand> deviations = new ArrayList<>(models + 1);
        for (int k = 0; k < models; k++) {
            // The origin is in F64, so this is too: x + (-1) * origin, rounded once.
            Mix.Operand into = vector(k);
            kernels.mix(new Mix(into, List.of(read.get(k), origin), tile.elements(), new double[] {1, -1}, 1));
            deviations.add(into);
        }
        deviations.add(origin);
        return deviations;
    }

    private Mix.Operand vector(int number) {
        return new Mix.Operand(DType.F64, vectors, number * slot);
    }

    @Override
    public void close() {
        vectors.close();
        sources.close();
    }
}
