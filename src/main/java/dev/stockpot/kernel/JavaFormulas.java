package dev.stockpot.kernel;

import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaCode;
import dev.stockpot.formula.Op;
import dev.stockpot.formula.Philox;
import dev.stockpot.formula.RankWindow;
import dev.stockpot.tensor.FloatFormat;
import java.nio.ByteBuffer;

/** Formulas in plain Java: what every kernel's results must equal, bit for bit. */
final class JavaFormulas {
    private static final Op[] OPS = Op.values();

    private final Calculation call;
    private final FormulaCode code;
    private final boolean wide;
    private final double[][] registers;
    private final double[][] lanes;
    private final double[] sums;
    private final long[] counts;
    private boolean finite = true;

    private JavaFormulas(Calculation call, double[] sums, long[] counts) {
        this.call = call;
        this.code = call.formula().code();
        this.wide = call.inF64();
        this.registers = new double[code.registers()][Formula.BLOCK];
        this.lanes = new double[sums.length][Dot.LANES];
        this.sums = sums;
        this.counts = counts;
    }

    static boolean compute(Calculation call, double[] sums, long[] counts) {
        JavaFormulas work = new JavaFormulas(call, sums, counts);
        work.compute();
        return work.finite;
    }

    private void compute() {
        int[] steps = code.steps();
        for (long from = 0; from < call.elements(); from += Formula.BLOCK) {
            int elements = (int) Math.min(Formula.BLOCK, call.elements() - from);
            for (int s = 0; s < steps.length; s += FormulaCode.STEP) {
                Step step = new Step(OPS[steps[s]], steps[s + 1], steps[s + 2], steps[s + 3], steps[s + 4]);
                perform(step, from, elements);
            }
            if ((from + elements) % Dot.BLOCK == 0 || from + elements == call.elements()) {
                addLanes();
            }
        }
    }

    private record Step(Op op, int to, int a, int b, int c) {}

    /** Ends the sums of a block: the lanes in a tree, then to the total. */
    private void addLanes() {
        for (int k = 0; k < lanes.length; k++) {
            for (int half = Dot.LANES / 2; half > 0; half /= 2) {
                for (int j = 0; j < half; j++) {
                    lanes[k][j] += lanes[k][j + half];
                }
            }
            sums[k] += lanes[k][0];
            lanes[k] = new double[Dot.LANES];
        }
    }

    private double at(int operand, int i) {
        return operand >= 0 ? registers[operand][i] : rounded(code.constants()[~operand]);
    }

    private double rounded(double x) {
        return wide ? x : (float) x;
    }

    private void perform(Step step, long from, int elements) {
        switch (step.op) {
            case SOURCE -> source(step, from, elements);
            case OUT -> out(step, from, elements);
            default -> {
                for (int i = 0; i < elements; i++) {
                    perform(step, i, call.first() + from + i);
                }
            }
        }
    }

    private void source(Step step, long from, int elements) {
        Operand source = call.sources().get(step.a);
        int bytes = source.dtype().bits() / 8;
        ByteBuffer values = source.memory().slice(source.offset() + from * bytes, elements * bytes);
        for (int i = 0; i < elements; i++) {
            registers[step.to][i] = FloatFormat.decode(source.dtype(), values, i * bytes);
        }
    }

    private void out(Step step, long from, int elements) {
        Operand out = call.out().orElseThrow();
        int bytes = out.dtype().bits() / 8;
        ByteBuffer values = out.memory().slice(out.offset() + from * bytes, elements * bytes);
        for (int i = 0; i < elements; i++) {
            FloatFormat.encode(out.dtype(), at(step.a, i), values, i * bytes);
            finite &= Double.isFinite(FloatFormat.decode(out.dtype(), values, i * bytes));
        }
    }

    private void perform(Step step, int i, long index) {
        int values = step.op.operands();
        double a = values > 0 ? at(step.a, i) : 0;
        double b = values > 1 ? at(step.b, i) : 0;
        double c = values > 2 ? at(step.c, i) : 0;
        switch (step.op) {
            case SUM -> lanes[step.c][i % Dot.LANES] += a;
            case DOT -> lanes[step.c][i % Dot.LANES] += a * b;
            case COUNT -> counts[step.c] += a != 0 ? 1 : 0;
            case HISTOGRAM -> count(step, pattern(a));
            default -> registers[step.to][i] = rounded(value(step, index, a, b, c));
        }
    }

    // In F32, a sum, product or quotient of two floats that is rounded to F64 first rounds to the same float (Figueroa,
    // "When is double rounding innocuous?", 1995); that of three does not.
    private double value(Step step, long index, double a, double b, double c) {
        return switch (step.op) {
            case TABLE -> table(step.a, index);
            case RANDOM -> Philox.uniform(number(step.b), (int) number(step.b + 1), index);
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case MIN -> a < b ? a : b;
            case MAX -> a > b ? a : b;
            case FMA -> wide ? Math.fma(a, b, c) : Math.fma((float) a, (float) b, (float) c);
            case ABS -> Math.abs(a);
            case LESS -> a < b ? 1 : 0;
            case AT_MOST -> a <= b ? 1 : 0;
            case EQUAL -> a == b ? 1 : 0;
            case SELECT -> a != 0 ? b : c;
            case WITHIN -> window(step.b).holds(pattern(a), index) ? 1 : 0;
            default -> throw new AssertionError(step);
        };
    }

    private double table(int table, long index) {
        long[] shapes = code.tableShapes();
        long at = index / shapes[3 * table + 2] % shapes[3 * table + 1];
        return code.tables()[(int) (shapes[3 * table] + at)];
    }

    private long number(int at) {
        return code.numbers()[at];
    }

    private RankWindow window(int at) {
        return new RankWindow((int) number(at), number(at + 1), (int) number(at + 2), number(at + 3));
    }

    /** The magnitude's F32 pattern, which orders as the magnitudes do; every NaN has the same. */
    static int pattern(double x) {
        return Float.floatToIntBits((float) Math.abs(x));
    }

    private void count(Step step, int pattern) {
        long bin = (pattern - number(step.b)) >> number(step.b + 1);
        if (bin >= 0 && bin < number(step.b + 2)) {
            counts[step.c + (int) bin]++;
        }
    }
}
