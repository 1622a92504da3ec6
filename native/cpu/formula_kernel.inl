// Formulas, compiled once for each instruction set: include a simd_*.h and define SP_TARGET as its namespace first.
//
// A block of elements goes through all steps while its values are in the L1 and L2 caches. Each step is a plain loop
// that the compiler turns into vectors; every operation in it is exact or rounds once, so the bits do not depend on
// how.
//
// No function of the standard library is used here, for the reason that mix_kernel.inl gives.
#include "formula_blocks.inl"
#include "kernels.h"
#include "stockpot.h"

namespace stockpot::SP_TARGET {

constexpr int kStepInts = 5;

// One step: what it does, the value it makes, and its operands.
struct Step {
    int op, to, a, b, c;
};

// A formula at work on one block.
template <class Acc>
struct Machine {
    using T = typename Acc::Scalar;
    const FormulaCall& call;
    T* registers;  // kFormulaBlock each; the constants' after those of values.
    double* lanes;
    bool* finite;
    int64_t from;
    int elements;

    SP_INLINE T* at(const Machine& m, int operand) {
        return m.registers + (int64_t)(operand >= 0 ? operand : m.call.registers + ~operand) * kFormulaBlock;
    }
};

template <class Acc>
void perform(const Machine<Acc>& m, const Step& step) {
    using M = Machine<Acc>;
    using T = typename Acc::Scalar;
    const FormulaCall& call = m.call;
    const int n = m.elements;
    const int64_t index = call.first + m.from;
    T* to = M::at(m, step.to);
    switch (step.op) {
        case SP_OP_SOURCE: {
            int dtype = call.sourceDtypes[step.a];
            return decodeBlock<Acc>(dtype, to, (const char*)call.sources[step.a] + m.from * dtypeBytes(dtype), n);
        }
        case SP_OP_TABLE:
            return tableBlock(to, call.tables, call.tableShapes + 3 * step.a, (uint64_t)index, n);
        case SP_OP_RANDOM:
            return randomBlock(to, (uint64_t)call.numbers[step.b], (uint32_t)call.numbers[step.b + 1], (uint64_t)index,
                               n);
        default:
            break;
    }
    const T* a = M::at(m, step.a);
    switch (step.op) {
        case SP_OP_ABS:
            return each(to, a, a, n, [](T x, T) { return magnitude(x); });
        case SP_OP_WITHIN:
            return windowBlock(to, a, call.numbers + step.b, index, n);
        case SP_OP_OUT: {
            char* out = call.out + m.from * dtypeBytes(call.outDtype);
            *m.finite &= encodeBlock<Acc>(call.outDtype, out, a, n);
            return;
        }
        case SP_OP_SUM:
            return sumBlock<T>(m.lanes + step.c * SP_DOT_LANES, n, [=](int i) { return (double)a[i]; });
        case SP_OP_COUNT: {
            int64_t count = 0;
            for (int i = 0; i < n; i++) count += a[i] != 0;
            call.counts[step.c] += count;
            return;
        }
        case SP_OP_HISTOGRAM:
            return histogramBlock(call.counts + step.c, a, call.numbers + step.b, n);
        default:
            break;
    }
    const T* b = M::at(m, step.b);
    switch (step.op) {
        case SP_OP_ADD:
            return each(to, a, b, n, [](T x, T y) { return x + y; });
        case SP_OP_SUB:
            return each(to, a, b, n, [](T x, T y) { return x - y; });
        case SP_OP_MUL:
            return each(to, a, b, n, [](T x, T y) { return x * y; });
        case SP_OP_DIV:
            return each(to, a, b, n, [](T x, T y) { return x / y; });
        case SP_OP_MIN:
            return each(to, a, b, n, [](T x, T y) { return x < y ? x : y; });
        case SP_OP_MAX:
            return each(to, a, b, n, [](T x, T y) { return x > y ? x : y; });
        case SP_OP_LESS:
            return each(to, a, b, n, [](T x, T y) { return x < y ? (T)1 : (T)0; });
        case SP_OP_AT_MOST:
            return each(to, a, b, n, [](T x, T y) { return x <= y ? (T)1 : (T)0; });
        case SP_OP_EQUAL:
            return each(to, a, b, n, [](T x, T y) { return x == y ? (T)1 : (T)0; });
        case SP_OP_DOT:
            return sumBlock<T>(m.lanes + step.c * SP_DOT_LANES, n, [=](int i) { return (double)a[i] * (double)b[i]; });
        default:
            break;
    }
    const T* c = M::at(m, step.c);
    if (step.op == SP_OP_FMA) {
#pragma GCC ivdep
        for (int i = 0; i < n; i++) to[i] = fused(a[i], b[i], c[i]);
        return;
    }
#pragma GCC ivdep
    for (int i = 0; i < n; i++) to[i] = a[i] != 0 ? b[i] : c[i];
}

// Ends the sums of a block: the lanes in a tree, then to the total.
SP_INLINE void addLanes(const FormulaCall& call, double* lanes) {
    for (int k = 0; k < call.sumCount; k++) {
        double* lane = lanes + k * SP_DOT_LANES;
        for (int half = SP_DOT_LANES / 2; half > 0; half /= 2) {
            for (int j = 0; j < half; j++) lane[j] += lane[j + half];
        }
        call.sums[k] += lane[0];
        for (int j = 0; j < SP_DOT_LANES; j++) lane[j] = 0;
    }
}

template <class Acc>
bool runIn(const FormulaCall& call) {
    using T = typename Acc::Scalar;
    double* lanes = (double*)call.scratch;
    T* registers = (T*)(lanes + (int64_t)call.sumCount * SP_DOT_LANES);
    for (int64_t j = 0; j < (int64_t)call.sumCount * SP_DOT_LANES; j++) lanes[j] = 0;
    for (int k = 0; k < call.constantCount; k++) {
        T* at = registers + (int64_t)(call.registers + k) * kFormulaBlock;
        T x = (T)call.constants[k];
        for (int i = 0; i < kFormulaBlock; i++) at[i] = x;
    }
    bool finite = true;
    for (int64_t from = 0; from < call.elements; from += kFormulaBlock) {
        int64_t left = call.elements - from;
        int elements = (int)(left < kFormulaBlock ? left : kFormulaBlock);
        const Machine<Acc> machine = {call, registers, lanes, &finite, from, elements};
        for (int s = 0; s < call.steps; s++) {
            const int32_t* code = call.code + s * kStepInts;
            perform<Acc>(machine, {code[0], code[1], code[2], code[3], code[4]});
        }
        if ((from + elements) % SP_DOT_BLOCK == 0 || elements == left) addLanes(call, lanes);
    }
    return finite;
}

bool run(const FormulaCall& call) {
    bool wide = call.wide;
    for (int k = 0; k < call.count; k++) {
        wide |= call.sourceDtypes[k] == SP_F32 || call.sourceDtypes[k] == SP_F64;
    }
    if (wide) {
        return runIn<InF64>(call);
    }
    return runIn<InF32>(call);
}

}  // namespace stockpot::SP_TARGET
