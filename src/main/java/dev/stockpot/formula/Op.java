package dev.stockpot.formula;

/** What a step of a formula does with its operands a, b and c; {@code sp_op_code} in stockpot.h has the same order. */
public enum Op {
    /** An element of source {@code a}. */
    SOURCE,
    /** A number from a table, by the element's index: {@code table[index / each % length]}. */
    TABLE,
    /** A number in [0, 1), by the element's index: {@link Philox}. */
    RANDOM,
    /** a + b. */
    ADD,
    /** a - b. */
    SUB,
    /** a * b. */
    MUL,
    /** a / b. */
    DIV,
    /** a if a < b, else b. */
    MIN,
    /** a if a > b, else b. */
    MAX,
    /** a * b + c, rounded once. */
    FMA,
    /** Without its sign. */
    ABS,
    /** 1 if a < b, else 0. */
    LESS,
    /** 1 if a <= b, else 0. */
    AT_MOST,
    /** 1 if a == b, else 0. */
    EQUAL,
    /** b if a is not 0, else c. */
    SELECT,
    /** 1 if the element's rank by |a| is in a {@link RankWindow}, else 0. */
    WITHIN,
    /** Result: a, rounded to the output's type. */
    OUT,
    /** Result: the sum of a over all elements. */
    SUM,
    /** Result: the sum of a * b over all elements, each product rounded to F64. */
    DOT,
    /** Result: how many a are not 0. */
    COUNT,
    /** Result: how many |a| are in each of some equal ranges of F32 patterns. */
    HISTOGRAM;

    /** How many of a, b and c are values. */
    public int operands() {
        return switch (this) {
            case SOURCE, TABLE, RANDOM -> 0;
            case ABS, WITHIN, OUT, SUM, COUNT, HISTOGRAM -> 1;
            case ADD, SUB, MUL, DIV, MIN, MAX, LESS, AT_MOST, EQUAL, DOT -> 2;
            case FMA, SELECT -> 3;
        };
    }

    /** Whether it makes a result instead of a value. */
    public boolean isResult() {
        return compareTo(OUT) >= 0;
    }
}
