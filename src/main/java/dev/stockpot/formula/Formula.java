package dev.stockpot.formula;

import dev.stockpot.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Arithmetic on the elements of several sources at one index, step by step: what is made of each element, or added up over all
 * of them. Every step is an operation that IEEE 754 or {@link Op} defines to the bit, so a formula gives the same bits from
 * every kernel, on any number of threads. Immutable; equal formulas do the same.
 *
 * <p>Values are of the accumulator's type: F64 if any source is F32 or F64 or the formula is {@link Builder#wide wide}, else
 * F32. Each step rounds once to it.
 *
 * <pre>{@code
 * Formula.Builder f = Formula.builder();
 * Value delta = f.sub(f.source(0), f.source(1));
 * f.out(f.fma(f.constant(0.5), delta, f.source(1)));
 * Formula half = f.build();
 * }</pre>
 */
public final class Formula {
    /** Elements that kernels take through all steps at a time. */
    public static final int BLOCK = 1024;

    private final FormulaCode code;
    private final int sources;
    private final int sums;
    private final int counts;
    private final boolean out;
    private final boolean wide;
    private final boolean indexed;

    private Formula(Builder built) {
        code = built.code();
        sources = built.sources;
        sums = built.sums;
        counts = built.counts;
        out = built.out;
        wide = built.wide;
        indexed = built.indexed;
    }

    /** Starts an empty formula. */
    public static Builder builder() {
        return new Builder();
    }

    /** The steps, for kernels. */
    public FormulaCode code() {
        return code;
    }

    /** How many sources it reads at least. */
    public int sources() {
        return sources;
    }

    /** Whether it makes an output. */
    public boolean hasOut() {
        return out;
    }

    /** How many sums it forms. */
    public int sums() {
        return sums;
    }

    /** How many counts it forms. */
    public int counts() {
        return counts;
    }

    /** Whether values are F64 whatever the sources are. */
    public boolean isWide() {
        return wide;
    }

    /** Whether what it does with an element depends on the element's index. */
    public boolean usesIndex() {
        return indexed;
    }

    /** Whether values are F64 with sources of these types. */
    public boolean computesInF64(Iterable<DType> types) {
        for (DType type : types) {
            if (type == DType.F32 || type == DType.F64) {
                return true;
            }
        }
        return wide;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Formula f
                && wide == f.wide
                && Arrays.equals(code.steps(), f.code.steps())
                && Arrays.equals(code.constants(), f.code.constants())
                && Arrays.equals(code.numbers(), f.code.numbers())
                && Arrays.equals(code.tableShapes(), f.code.tableShapes())
                && Arrays.equals(code.tables(), f.code.tables());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(code.steps()) * 31 + Arrays.hashCode(code.constants());
    }

    /** The steps, a line each. */
    @Override
    public String toString() {
        StringBuilder lines = new StringBuilder();
        int[] steps = code.steps();
        for (int s = 0; s < steps.length; s += FormulaCode.STEP) {
            lines.append(Op.values()[steps[s]])
                    .append(Arrays.toString(Arrays.copyOfRange(steps, s + 1, s + FormulaCode.STEP)))
                    .append('\n');
        }
        return lines.toString();
    }

    /** A value of a formula that is being built. */
    public static final class Value {
        private final int number;

        private Value(int number) {
            this.number = number;
        }
    }

    /** Puts steps together: each method adds one, and returns its value or the place of its result. */
    public static final class Builder {
        private final List<Registers.Step> steps = new ArrayList<>();
        private final List<Double> constants = new ArrayList<>();
        private final List<Long> numbers = new ArrayList<>();
        private final List<double[]> tables = new ArrayList<>();
        private final List<Long> each = new ArrayList<>();
        private int sources;
        private int sums;
        private int counts;
        private boolean out;
        private boolean wide;
        private boolean indexed;

        private Builder() {}

        /** Computes in F64 whatever the sources are. */
        public Builder wide() {
            wide = true;
            return this;
        }

        private Value step(Op op, int a, int b, int c) {
            steps.add(new Registers.Step(op, steps.size(), a, b, c));
            return new Value(steps.size() - 1);
        }

        private Value step(Op op, Value a, Value b) {
            return step(op, a.number, b.number, 0);
        }

        private int numbers(long... values) {
            int at = numbers.size();
            for (long value : values) {
                numbers.add(value);
            }
            return at;
        }

        /** A number, rounded to the accumulator's type. */
        public Value constant(double value) {
            int at = constants.indexOf(value); // Double.equals tells 0 from -0.
            if (at < 0) {
                at = constants.size();
                constants.add(value);
            }
            return new Value(~at);
        }

        /** The element of a source, from 0. */
        public Value source(int number) {
            sources = Math.max(sources, number + 1);
            return step(Op.SOURCE, number, 0, 0);
        }

        /** The number for the row that the element is in; rows have {@code length} elements. */
        public Value byRow(double[] values, long length) {
            return table(values, length);
        }

        /** The number for the element's column; rows have as many elements as there are numbers. */
        public Value byColumn(double[] values) {
            return table(values, 1);
        }

        private Value table(double[] values, long elements) {
            indexed = true;
            tables.add(values.clone());
            each.add(elements);
            return step(Op.TABLE, tables.size() - 1, 0, 0);
        }

        /** A random number in [0, 1), a multiple of 2<sup>-24</sup>, that depends on key, stream and the element's index. */
        public Value random(long key, int stream) {
            indexed = true;
            return step(Op.RANDOM, 0, numbers(key, stream), 0);
        }

        /** a + b. */
        public Value add(Value a, Value b) {
            return step(Op.ADD, a, b);
        }

        /** a - b. */
        public Value sub(Value a, Value b) {
            return step(Op.SUB, a, b);
        }

        /** a * b. */
        public Value mul(Value a, Value b) {
            return step(Op.MUL, a, b);
        }

        /** a / b. */
        public Value div(Value a, Value b) {
            return step(Op.DIV, a, b);
        }

        /** a if it is less than b, else b. */
        public Value min(Value a, Value b) {
            return step(Op.MIN, a, b);
        }

        /** a if it is more than b, else b. */
        public Value max(Value a, Value b) {
            return step(Op.MAX, a, b);
        }

        /** a * b + c, rounded once. */
        public Value fma(Value a, Value b, Value c) {
            return step(Op.FMA, a.number, b.number, c.number);
        }

        /** |a|. */
        public Value abs(Value a) {
            return step(Op.ABS, a.number, 0, 0);
        }

        /** 1 where a is less than b, else 0. */
        public Value less(Value a, Value b) {
            return step(Op.LESS, a, b);
        }

        /** 1 where a is at most b, else 0. */
        public Value atMost(Value a, Value b) {
            return step(Op.AT_MOST, a, b);
        }

        /** 1 where a and b are equal, else 0. */
        public Value equal(Value a, Value b) {
            return step(Op.EQUAL, a, b);
        }

        /** {@code then} where {@code condition} is not 0, else {@code otherwise}. */
        public Value select(Value condition, Value then, Value otherwise) {
            return step(Op.SELECT, condition.number, then.number, otherwise.number);
        }

        /** 1 where the rank of |a| is in a window, else 0. */
        public Value within(Value a, RankWindow window) {
            indexed = true;
            int at = numbers(window.above(), window.aboveIndex(), window.last(), window.lastIndex());
            return step(Op.WITHIN, a.number, at, 0);
        }

        /** Makes the output of {@code a}. */
        public void out(Value a) {
            out = true;
            step(Op.OUT, a.number, 0, 0);
        }

        /** Sums {@code a}; returns the sum's place. */
        public int sum(Value a) {
            step(Op.SUM, a.number, 0, sums);
            return sums++;
        }

        /** Sums {@code a * b}; returns the sum's place. */
        public int dot(Value a, Value b) {
            step(Op.DOT, a.number, b.number, sums);
            return sums++;
        }

        /** Counts the {@code a} that are not 0; returns the count's place. */
        public int count(Value a) {
            step(Op.COUNT, a.number, 0, counts);
            return counts++;
        }

        /**
         * Counts the |a| by their F32 patterns, in {@code bins} ranges of 2<sup>{@code shift}</sup> patterns each, the first of
         * which begins with {@code from}; returns the place of the first count.
         */
        public int histogram(Value a, int from, int shift, int bins) {
            step(Op.HISTOGRAM, a.number, numbers(from, shift, bins), counts);
            int first = counts;
            counts += bins;
            return first;
        }

        /** The formula as it is now. */
        public Formula build() {
            return new Formula(this);
        }

        private FormulaCode code() {
            Registers registers = new Registers(steps);
            int[] code = registers.steps().stream()
                    .flatMapToInt(s -> Arrays.stream(new int[] {s.op().ordinal(), s.to(), s.a(), s.b(), s.c()}))
                    .toArray();
            double[] all = tables.stream().flatMapToDouble(Arrays::stream).toArray();
            long[] shapes = new long[3 * tables.size()];
            long at = 0;
            for (int t = 0; t < tables.size(); t++) {
                shapes[3 * t] = at;
                shapes[3 * t + 1] = tables.get(t).length;
                shapes[3 * t + 2] = each.get(t);
                at += tables.get(t).length;
            }
            return new FormulaCode(
                    code,
                    registers.count(),
                    constants.stream().mapToDouble(Double::doubleValue).toArray(),
                    numbers.stream().mapToLong(Long::longValue).toArray(),
                    all,
                    shapes);
        }
    }
}
