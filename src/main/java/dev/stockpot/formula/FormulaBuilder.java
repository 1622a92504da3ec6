package dev.stockpot.formula;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts steps together: each method adds one, and returns its value or the place of its result. */
public final class FormulaBuilder {
    /** A value of a formula that is being built. */
    public static final class Value {
        private final int number;

        private Value(int number) {
            this.number = number;
        }
    }

    private final List<Registers.Step> steps = new ArrayList<>();
    private final List<Double> constants = new ArrayList<>();
    private final List<Long> numbers = new ArrayList<>();
    private final List<double[]> tables = new ArrayList<>();
    private final List<Long> each = new ArrayList<>();
    private final Map<Integer, Value> elements = new LinkedHashMap<>();
    /** Whether a step may leave out a value without a trace. */
    private boolean selects;

    int sources;
    int sums;
    int counts;
    boolean out;
    boolean wide;
    boolean indexed;

    FormulaBuilder() {}

    /** Computes in F64 whatever the sources are. */
    public FormulaBuilder wide() {
        wide = true;
        return this;
    }

    private Value step(Op op, int a, int b, int c) {
        selects |= switch (op) {
            case MIN, MAX, LESS, AT_MOST, EQUAL, SELECT, WITHIN -> true;
            default -> false;
        };
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
        Value known = elements.get(number);
        if (known == null) {
            known = step(Op.SOURCE, number, 0, 0);
            elements.put(number, known);
        }
        return known;
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

    /**
     * Makes the output of {@code a}. It is not finite where any source is not, even if {@code a} selects: 0 times a source is NaN
     * there.
     */
    public void out(Value a) {
        Value made = a;
        if (selects) {
            Value nothing = null;
            Value zero = constant(0);
            for (Value element : List.copyOf(elements.values())) {
                nothing = nothing == null ? mul(element, zero) : fma(element, zero, nothing);
            }
            made = nothing == null ? a : select(equal(nothing, nothing), a, nothing);
        }
        out = true;
        step(Op.OUT, made.number, 0, 0);
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
     *
     * @param from at least 0
     * @param shift from 0 to 31
     * @param bins at least 1; all ranges together have at most 2<sup>31</sup> patterns
     */
    public int histogram(Value a, int from, int shift, int bins) {
        if (from < 0 || shift < 0 || shift > 31 || bins < 1 || (long) bins << shift > 1L << 31) {
            throw new IllegalArgumentException(
                    "there are no " + bins + " ranges of 2^" + shift + " patterns from " + from + " on");
        }
        step(Op.HISTOGRAM, a.number, numbers(from, shift, bins), counts);
        int first = counts;
        counts += bins;
        return first;
    }

    /** The formula as it is now. */
    public Formula build() {
        return new Formula(this);
    }

    FormulaCode code() {
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
