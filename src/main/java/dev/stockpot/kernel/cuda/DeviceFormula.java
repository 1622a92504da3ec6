package dev.stockpot.kernel.cuda;

import dev.stockpot.formula.FormulaCode;
import dev.stockpot.formula.Op;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The steps of a formula that lead to some of its results, as the device's kernels read them (FormulaArguments in
 * native/cuda/arguments.h). Registers and sums are in shared memory, which is small: a formula of many sums takes several
 * launches.
 *
 * @param steps eight numbers each
 * @param registers how many there are
 * @param results what is formed, each by a step; sums and counts have numbers from 0, in order
 */
record DeviceFormula(List<int[]> steps, int registers, List<Result> results) {
    /**
     * A sum, a count, or a histogram's counts.
     *
     * @param op how it is formed
     * @param place in the formula's sums or counts
     * @param bins how many counts it is, for a histogram
     */
    record Result(Op op, int place, int bins) {}

    static final int STEP_BYTES = 32;

    /** Lanes of a warp, which share each launch's work by elements. */
    private static final int LANES = 32;

    /** What a block has without asking for more, in bytes. */
    private static final int SHARED = 48 << 10;
    /** What a lane needs of it for a register and for a sum: 4 elements in F32, 2 in F64. */
    private static final int REGISTER = 16;

    private static final int SUM = 8;

    /** More sums would leave too little shared memory for other warps. */
    private static final int MOST_SUMS = 32;

    private static final Op[] OPS = Op.values();

    /** A formula in as few launches as it needs; null if it has more registers than there is shared memory for. */
    static List<DeviceFormula> of(FormulaCode code) {
        int room = (SHARED / LANES - code.registers() * REGISTER) / SUM;
        if (room < 1) {
            return null;
        }
        List<DeviceFormula> all = new ArrayList<>();
        List<Integer> some = new ArrayList<>();
        int sums = 0;
        for (int s = 0; s < code.steps().length; s += FormulaCode.STEP) {
            Op op = OPS[code.steps()[s]];
            if (op.isResult()) {
                if (isSum(op) && sums == Math.min(room, MOST_SUMS)) {
                    all.add(of(code, some));
                    some.clear();
                    sums = 0;
                }
                sums += isSum(op) ? 1 : 0;
                some.add(s);
            }
        }
        if (!some.isEmpty()) {
            all.add(of(code, some));
        }
        return all;
    }

    /** The sources that a formula reads. */
    static BitSet sources(FormulaCode code) {
        BitSet read = new BitSet();
        for (int s = 0; s < code.steps().length; s += FormulaCode.STEP) {
            if (OPS[code.steps()[s]] == Op.SOURCE) {
                read.set(code.steps()[s + 2]);
            }
        }
        return read;
    }

    static boolean isSum(Op op) {
        return op == Op.SUM || op == Op.DOT || op == Op.COUNT;
    }

    private static DeviceFormula of(FormulaCode code, List<Integer> results) {
        int[] steps = code.steps();
        BitSet needed = needed(steps, results);
        List<int[]> kept = new ArrayList<>();
        List<Result> formed = new ArrayList<>();
        int registers = 0;
        int sums = 0;
        int bins = 0;
        for (int s = needed.nextSetBit(0); s >= 0; s = needed.nextSetBit(s + 1)) {
            Op op = OPS[steps[s]];
            int b = op == Op.TABLE ? steps[s + 2] : steps[s + 3];
            int c = steps[s + 4];
            if (isSum(op)) {
                formed.add(new Result(op, c, 0));
                c = sums++;
            } else if (op == Op.HISTOGRAM) {
                int count = (int) code.numbers()[b + 2];
                formed.add(new Result(op, c, count));
                c = bins;
                bins += count;
            } else if (op != Op.OUT) {
                registers = Math.max(registers, steps[s + 1] + 1);
            }
            kept.add(new int[] {steps[s], steps[s + 1], steps[s + 2], b, c, 0, 0, 0});
        }
        return new DeviceFormula(kept, registers, formed);
    }

    /** The places of the results' steps, and of all that they need. */
    private static BitSet needed(int[] steps, List<Integer> results) {
        BitSet needed = new BitSet();
        BitSet live = new BitSet();
        for (int s = steps.length - FormulaCode.STEP; s >= 0; s -= FormulaCode.STEP) {
            Op op = OPS[steps[s]];
            if (op.isResult() ? !results.contains(s) : !live.get(steps[s + 1])) {
                continue;
            }
            needed.set(s);
            if (!op.isResult()) {
                live.clear(steps[s + 1]);
            }
            for (int k = 0; k < op.operands(); k++) {
                if (steps[s + 2 + k] >= 0) {
                    live.set(steps[s + 2 + k]);
                }
            }
        }
        return needed;
    }

    /** How many sums and counts it forms, histograms' not counted. */
    int sums() {
        return (int) results.stream().filter(r -> isSum(r.op)).count();
    }

    /** How many counts its histograms have. */
    int bins() {
        return results.stream().mapToInt(Result::bins).sum();
    }

    /** Threads of a block: as many whole warps as share its memory. */
    int threads() {
        int warps = SHARED / Math.max(1, warpBytes());
        return LANES * Math.max(1, Math.min(warps, CudaDriver.THREADS / LANES));
    }

    /** Bytes of memory that a block's threads share. */
    int sharedBytes() {
        return threads() / LANES * warpBytes();
    }

    private int warpBytes() {
        return LANES * (registers * REGISTER + sums() * SUM);
    }

    void write(ByteBuffer to) {
        for (int[] step : steps) {
            for (int number : step) {
                to.putInt(number);
            }
        }
    }
}
