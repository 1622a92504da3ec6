// Formulas, compiled once for each instruction set: include a simd_*.h and define SP_TARGET as its namespace first.
//
// A block of elements goes through all steps while its values are in the L1 and L2 caches. Each step is a plain loop
// that the compiler turns into vectors; every operation in it is exact or rounds once, so the bits do not depend on
// how.
//
// No function of the standard library is used here, for the reason that mix_kernel.inl gives.
#include "formula_blocks.inl"
#include "formula_random.inl"
#include "formula_sums.inl"
#include "kernels.h"
#include "stockpot.h"

namespace stockpot::SP_TARGET {

constexpr int kStepInts = 5;

// One step: what it does, and where its value and operands are. What is not a value, such as a source's number, is in
// the code.
template <class T>
struct Step {
    int op;
    T* to;
    const T *a, *b, *c;
    const int32_t* code;
    Dots<T> dots;
};

// Elements of a block: of either type as many bytes, so that some values fit into the L1 cache.
template <class T>
constexpr int kBlock = kFormulaBlock * 4 / (int)sizeof(T);

// A block of elements that a formula is at work on.
struct Block {
    double* lanes;
    int64_t from;
    int elements;
};

// kWhole: the block has kBlock<T> elements, and the loops a length that the compiler knows.
template <class Acc, bool kWhole, class T>
SP_INLINE void perform(const FormulaCall& call, const Step<T>& step, const Block& block, Largest& largest) {
    const int n = kWhole ? kBlock<T> : block.elements;
    const int64_t index = call.first + block.from;
    const int32_t a = step.code[2], b = step.code[3], c = step.code[4];
    T* to = step.to;
    const T *x = step.a, *y = step.b, *z = step.c;
    switch (step.op) {
        case SP_OP_SOURCE: {
            int dtype = call.sourceDtypes[a];
            return decodeBlock<Acc>(dtype, to, (const char*)call.sources[a] + block.from * dtypeBytes(dtype), n);
        }
        case SP_OP_TABLE:
            return tableBlock(to, call.tables, call.tableShapes + 3 * a, (uint64_t)index, n);
        case SP_OP_RANDOM:
            return randomBlock(to, (uint64_t)call.numbers[b], (uint32_t)call.numbers[b + 1], (uint64_t)index, n);
        case SP_OP_ABS:
            return each(to, x, x, n, [](T p, T) { return magnitude(p); });
        case SP_OP_WITHIN:
            return windowBlock(to, x, call.numbers + b, index, n);
        case SP_OP_OUT:
            return encodeBlock<Acc>(call.outDtype, call.out + block.from * dtypeBytes(call.outDtype), x, n, largest);
        case SP_OP_SUM:
            return sumBlock<T>(block.lanes + c * SP_DOT_LANES, n, [=](int i) { return (double)x[i]; });
        case SP_OP_COUNT:
            return countBlock(call.counts + c, x, n);
        case SP_OP_HISTOGRAM:
            return histogramBlock(call.counts + c, x, call.numbers + b, n);
        case SP_OP_ADD:
            return each(to, x, y, n, [](T p, T q) { return p + q; });
        case SP_OP_SUB:
            return each(to, x, y, n, [](T p, T q) { return p - q; });
        case SP_OP_MUL:
            return each(to, x, y, n, [](T p, T q) { return p * q; });
        case SP_OP_DIV:
            return each(to, x, y, n, [](T p, T q) { return p / q; });
        case SP_OP_MIN:
            return each(to, x, y, n, [](T p, T q) { return p < q ? p : q; });
        case SP_OP_MAX:
            return each(to, x, y, n, [](T p, T q) { return p > q ? p : q; });
        case SP_OP_LESS:
            return each(to, x, y, n, [](T p, T q) { return p < q ? (T)1 : (T)0; });
        case SP_OP_AT_MOST:
            return each(to, x, y, n, [](T p, T q) { return p <= q ? (T)1 : (T)0; });
        case SP_OP_EQUAL:
            return each(to, x, y, n, [](T p, T q) { return p == q ? (T)1 : (T)0; });
        case SP_OP_DOT:
            return dotBlock(block.lanes, step.dots, n);
        case SP_OP_FMA:
            return each(to, x, y, z, n, [](T p, T q, T r) { return fused(p, q, r); });
        default:
            return each(to, x, y, z, n, [](T p, T q, T r) { return p != 0 ? q : r; });
    }
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

// The blocks of [from, to): whole ones, or the last.
template <class Acc, bool kWhole, class T>
void perform(const FormulaCall& call, const Step<T>* steps, int count, double* lanes, int64_t from, int64_t to,
             Largest& largest) {
    Largest so = largest;
    for (int64_t at = from; at < to; at += kBlock<T>) {
        const Block block = {lanes, at, (int)(to - at)};
        for (int s = 0; s < count; s++) perform<Acc, kWhole>(call, steps[s], block, so);
        if (call.sumCount > 0 && (!kWhole || (at + kBlock<T>) % SP_DOT_BLOCK == 0)) addLanes(call, lanes);
    }
    largest = so;
}

template <class Acc>
void interpret(const FormulaCall& call, int64_t compiled, Largest& largest) {
    using T = typename Acc::Scalar;
    double* lanes = (double*)call.scratch;
    T* registers = (T*)(lanes + (int64_t)call.sumCount * SP_DOT_LANES);
    Step<T>* steps = (Step<T>*)(registers + (int64_t)(call.registers + call.constantCount) * kBlock<T>);
    for (int k = 0; k < call.constantCount; k++) {
        T* at = registers + (int64_t)(call.registers + k) * kBlock<T>;
        T x = (T)call.constants[k];
        for (int i = 0; i < kBlock<T>; i++) at[i] = x;
    }
    // Only those of an operation's operands are used that are values.
    auto at = [&](int operand) {
        return registers + (int64_t)(operand >= 0 ? operand : call.registers + ~operand) * kBlock<T>;
    };
    int count = 0;
    for (int s = 0; s < call.steps; s++) {
        const int32_t* code = call.code + s * kStepInts;
        steps[count] = {code[0], at(code[1]), at(code[2]), at(code[3]), at(code[4]), code, {}};
        if (code[0] != SP_OP_DOT) {
            count++;
        } else if (count > 0 && steps[count - 1].op == SP_OP_DOT && steps[count - 1].dots.takes(at(code[2]))) {
            steps[count - 1].dots.add(at(code[2]), at(code[3]), code[4]);
        } else {
            steps[count++].dots.add(at(code[2]), at(code[3]), code[4]);
        }
    }
    const int64_t whole = compiled + (call.elements - compiled) / kBlock<T> * kBlock<T>;
    perform<Acc, true>(call, steps, count, lanes, compiled, whole, largest);
    perform<Acc, false>(call, steps, count, lanes, whole, call.elements, largest);
    if (call.sumCount > 0 && whole == call.elements && whole % SP_DOT_BLOCK != 0) addLanes(call, lanes);
}

template <class Acc>
bool runIn(const FormulaCall& call) {
    Largest largest = {};
    int64_t compiled = 0;
    double* lanes = (double*)call.scratch;
    for (int64_t j = 0; j < (int64_t)call.sumCount * SP_DOT_LANES; j++) lanes[j] = 0;
#ifdef SP_COMPILES
    compiled = jit::run(call, __is_same(Acc, InF64), lanes, (char*)&largest);
#endif
    if (compiled < call.elements) interpret<Acc>(call, compiled, largest);
    if (!call.out || settle(call.outDtype, (char*)&largest, sizeof largest / dtypeBytes(call.outDtype))) return true;
    settle(call.outDtype, call.out, call.elements);
    return false;
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
