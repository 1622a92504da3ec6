package dev.stockpot.jmh;

import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.run.Isa;
import dev.stockpot.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One native call: the sum of ingredients' tiles that are in caches or, if too large for them, in memory. */
@State(Scope.Thread)
public class KernelBenchmark {
    @Param({"BF16", "F16", "F32"})
    public DType dtype;

    @Param({"scalar", "avx2", "avx512"})
    public String isa;

    @Param({"2", "8", "32"})
    public int ingredients;

    /** The tile of one ingredient; 8 of 64 KiB fit into a second-level cache of 1 MiB. */
    @Param({"16", "64", "2048"})
    public int tileKiB;

    private final List<Memory> memories = new ArrayList<>();
    private Kernels kernels;
    private Mix mix;
    private long bytes;

    /** Fills tiles with small numbers. Fails if the processor lacks the instruction set. */
    @Setup(Level.Trial)
    public void setUp() {
        kernels = KernelSelection.select(Isa.valueOf(isa.toUpperCase(Locale.ROOT)));
        long tile = tileKiB * 1024L;
        SplittableRandom random = new SplittableRandom(1);
        List<Operand> sources = new ArrayList<>();
        for (int k = 0; k < ingredients; k++) {
            // More than a page apart: at equal power-of-two distances they would share cache sets.
            Memory memory = kernels.memory().allocate(tile + 4096 + 320L * k);
            memories.add(memory);
            for (long at = 0; at < tile; at += 2) {
                memory.slice(at, 2).putShort((short) (0x3C00 | random.nextInt(256)));
            }
            sources.add(new Operand(dtype, memory, 0));
        }
        Memory out = kernels.memory().allocate(tile);
        memories.add(out);
        long elements = tile * 8 / dtype.bits();
        mix = new Mix(new Operand(dtype, out, 0), sources, elements, null, ingredients);
        bytes = tile * ingredients;
    }

    @Benchmark
    public void mix(MovedBytes moved) {
        kernels.mix(mix);
        moved.add(bytes);
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        memories.forEach(Memory::close);
    }
}
