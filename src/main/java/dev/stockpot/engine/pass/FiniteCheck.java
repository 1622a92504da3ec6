package dev.stockpot.engine.pass;

import dev.stockpot.engine.Average;
import dev.stockpot.engine.Combination;
import dev.stockpot.engine.Elements;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds out which elements of a result are not finite, and in which sources that begins. Where a mean's sum overflowed though
 * all sources have the same value, it writes that value: it is the mean. It is slow, and used only where a kernel has said that
 * there are some. Values are widened by the kernels, block by block: they skip what is finite, and only they are guarded against
 * pages that cannot be read.
 */
final class FiniteCheck implements AutoCloseable {
    private static final int BLOCK = Dot.BLOCK;

    private final Kernels kernels;
    private final Memory memory;
    private final Operand wide;

    private FiniteCheck(Kernels kernels) {
        this.kernels = kernels;
        this.memory = kernels.memory().allocate(BLOCK * 8L);
        this.wide = new Operand(DType.F64, memory, 0);
    }

    /** What {@code how} has made in {@code out}, of which means of equal values are mended. */
    static NotFinite of(Combination how, Elements in, Operand out) {
        NotFinite found = new NotFinite(in.sources().size());
        try (FiniteCheck check = new FiniteCheck(in.kernels())) {
            for (long first = 0; first < in.count(); first += BLOCK) {
                check.block(how, in.slice(first, Math.min(BLOCK, in.count() - first)), out.from(first), found);
            }
        }
        return found;
    }

    private void block(Combination how, Elements in, Operand out, NotFinite found) {
        if (widen(out, in.count())) {
            return;
        }
        double[] made = values(in.count());
        int[] at = notFinite(made);
        // Of each, whether every source has the same value, and whether any source is not finite itself.
        boolean[] equal = new boolean[at.length];
        boolean[] inherited = new boolean[at.length];
        Arrays.fill(equal, true);
        List<double[]> sources = new ArrayList<>();
        for (Operand source : in.sources()) {
            boolean finite = widen(source, in.count());
            double[] few = pick(values(in.count()), at);
            for (int j = 0; j < at.length; j++) {
                equal[j] &= few[j] == (sources.isEmpty() ? few[j] : sources.get(0)[j]);
                inherited[j] |= !finite && !Double.isFinite(few[j]);
            }
            sources.add(few);
        }
        double[] first = sources.get(0);
        boolean mean = how instanceof Average average && average.isMean(sources.size());
        boolean[] constant = new boolean[at.length];
        double[] exact = null;
        for (int j = 0; j < at.length; j++) {
            if (inherited[j]) {
                constant[j] = equal[j] && first[j] == made[at[j]];
            } else if (!(mean && equal[j])) {
                exact = exact == null ? exact(how, in) : exact;
                overflows(exact[at[j]], found);
            } else {
                int end = j + 1;
                while (end < at.length && at[end] == at[end - 1] + 1 && equal[end] && !inherited[end]) {
                    end++;
                }
                copy(in, Arrays.copyOfRange(at, j, end), Arrays.copyOfRange(first, j, end), out, found);
                j = end - 1;
            }
        }
        for (int k = 0; k < sources.size(); k++) {
            count(k, sources.get(k), constant, found);
        }
    }

    /** Takes neighbouring elements from the first source, and counts those that the output's type cannot hold. */
    private void copy(Elements in, int[] at, double[] values, Operand out, NotFinite found) {
        Operand from = in.sources().get(0).from(at[0]);
        Operand to = out.from(at[0]);
        if (!kernels.mix(new Mix(to, List.of(from), at.length, null, 1)) && !widen(to, at.length)) {
            double[] rounded = values(at.length);
            for (int j = 0; j < at.length; j++) {
                if (!Double.isFinite(rounded[j])) {
                    found.overflowed(values[j]);
                }
            }
        }
    }

    private static void count(int source, double[] values, boolean[] constant, NotFinite found) {
        long nans = 0;
        long infinities = 0;
        for (int j = 0; j < values.length; j++) {
            nans += Double.isNaN(values[j]) ? 1 : 0;
            infinities += Double.isInfinite(values[j]) && !constant[j] ? 1 : 0;
        }
        found.found(source, nans, infinities);
    }

    /** Counts a result of finite sources by what it was before it was rounded to the output's type. */
    private static void overflows(double exact, NotFinite found) {
        if (Double.isFinite(exact)) {
            found.overflowed(exact);
        } else {
            found.summedBeyond();
        }
    }

    /** What {@code how} makes, not rounded to the output's type. */
    private double[] exact(Combination how, Elements in) {
        how.uncounted().apply(in, wide, false);
        return values(in.count());
    }

    /** Widens a block to F64; returns whether all of it is finite. */
    private boolean widen(Operand from, long count) {
        return kernels.mix(new Mix(wide, List.of(from), count, null, 1));
    }

    private double[] values(long count) {
        double[] values = new double[(int) count];
        memory.slice(0, values.length * 8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asDoubleBuffer()
                .get(values);
        return values;
    }

    private static int[] notFinite(double[] values) {
        int[] at = new int[values.length];
        int count = 0;
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                at[count++] = i;
            }
        }
        return Arrays.copyOf(at, count);
    }

    private static double[] pick(double[] values, int[] at) {
        double[] few = new double[at.length];
        for (int j = 0; j < at.length; j++) {
            few[j] = values[at[j]];
        }
        return few;
    }

    @Override
    public void close() {
        memory.close();
    }
}
