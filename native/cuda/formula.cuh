// Formulas: each thread goes through the steps for a few elements at a time. In plain C++, for one element:
//
//     for (Step s : steps) registers[s.to] = s.op(registers[s.a], registers[s.b], registers[s.c]);
//
// A thread's elements are 32 apart, so a warp loads neighbours, and its sums are lanes of the contract's dot products
// (dot.cuh).
#ifndef STOCKPOT_CUDA_FORMULA_CUH
#define STOCKPOT_CUDA_FORMULA_CUH

#include "../include/stockpot.h"
#include "formula_steps.cuh"

namespace stockpot::cuda {

template <class T>
SP_DEVICE void perform(const Machine<T>& m, const Step& step) {
    switch (step.op) {
        case SP_OP_SOURCE:
            return source(m, step);
        case SP_OP_TABLE:
            return table(m, step);
        case SP_OP_RANDOM:
            return random(m, step);
        default:
            break;
    }
    T a[kTogether<T>], b[kTogether<T>], c[kTogether<T>];
    operand(m, step.a, a);
    switch (step.op) {
        case SP_OP_ABS:
            return make(m, step.to, [&](int j) { return magnitude(a[j]); });
        case SP_OP_WITHIN:
            return make(m, step.to, [&](int j) {
                return isWithin(m.call, step.b, pattern(a[j]), m.call.first + element(m, j)) ? (T)1 : (T)0;
            });
        case SP_OP_OUT:
            // Of all threads that store the same word, any may be the last.
            if (!out(m, a)) store<uint32_t>((char*)m.call.notFinite, 1);
            return;
        case SP_OP_SUM:
            return addTo(m, step.c, [&](double lane, int j) { return __dadd_rn(lane, (double)a[j]); });
        case SP_OP_COUNT:
            // Exact in F64: a block has 2,048 elements.
            return addTo(m, step.c, [&](double lane, int j) { return __dadd_rn(lane, a[j] != 0 ? 1.0 : 0.0); });
        case SP_OP_HISTOGRAM:
            return histogram(m, step, a);
        default:
            break;
    }
    operand(m, step.b, b);
    switch (step.op) {
        case SP_OP_ADD:
            return make(m, step.to, [&](int j) { return add(a[j], b[j]); });
        case SP_OP_SUB:
            return make(m, step.to, [&](int j) { return subtract(a[j], b[j]); });
        case SP_OP_MUL:
            return make(m, step.to, [&](int j) { return multiply(a[j], b[j]); });
        case SP_OP_DIV:
            return make(m, step.to, [&](int j) { return divide(a[j], b[j]); });
        case SP_OP_MIN:
            return make(m, step.to, [&](int j) { return a[j] < b[j] ? a[j] : b[j]; });
        case SP_OP_MAX:
            return make(m, step.to, [&](int j) { return a[j] > b[j] ? a[j] : b[j]; });
        case SP_OP_LESS:
            return make(m, step.to, [&](int j) { return a[j] < b[j] ? (T)1 : (T)0; });
        case SP_OP_AT_MOST:
            return make(m, step.to, [&](int j) { return a[j] <= b[j] ? (T)1 : (T)0; });
        case SP_OP_EQUAL:
            return make(m, step.to, [&](int j) { return a[j] == b[j] ? (T)1 : (T)0; });
        case SP_OP_DOT:
            return addTo(m, step.c, [&](double lane, int j) { return addProduct(lane, a[j], b[j]); });
        default:
            break;
    }
    operand(m, step.c, c);
    if (step.op == SP_OP_FMA) return make(m, step.to, [&](int j) { return multiplyAdd(a[j], b[j], c[j]); });
    make(m, step.to, [&](int j) { return a[j] != 0 ? b[j] : c[j]; });
}

// Ends a block's sums: the lanes in a tree, then out.
template <class T>
SP_DEVICE void endSums(const Machine<T>& m, int lane, int64_t block, int64_t blocks) {
    for (int k = 0; k < m.call.sums; k++) {
        double sum = loadShared<double>(sumAt(m, k));
#pragma unroll
        for (int h = kDotLanes / 2; h > 0; h /= 2) sum = __dadd_rn(sum, __shfl_down_sync(0xFFFFFFFFu, sum, h));
        if (lane == 0) store<double>((char*)m.call.blockSums + (k * blocks + block) * 8, sum);
    }
}

// A warp takes a block of the sums; without sums, only as many elements as go through the steps together.
template <class T>
SP_DEVICE void formula(const FormulaArguments& call) {
    constexpr int kRound = kDotLanes * kTogether<T>;
    const int lane = (int)threadIdx.x % kDotLanes, warp = (int)threadIdx.x / kDotLanes;
    const int warps = (int)blockDim.x / kDotLanes;
    const int block = call.sums > 0 ? kDotBlock : kRound;
    const int64_t blocks = (call.elements + block - 1) / block;
    const int sums = warp * kDotLanes * (call.sums * 8 + call.registers * 16) + lane * 8;
    const int registers = sums + kDotLanes * call.sums * 8 - lane * 8 + lane * (int)sizeof(T);
    for (int64_t n = (int64_t)blockIdx.x * warps + warp; n < blocks; n += (int64_t)gridDim.x * warps) {
        const int64_t end = (n + 1) * block < call.elements ? (n + 1) * block : call.elements;
        for (int k = 0; k < call.sums; k++) storeShared<double>(sums + k * kDotLanes * 8, 0);
        for (int64_t from = n * block; from < end; from += kRound) {
            const Machine<T> machine = {call, sums, registers, from + lane};
            for (int s = 0; s < call.stepCount; s++) perform(machine, stepAt(call, s));
        }
        endSums(Machine<T>{call, sums, registers, 0}, lane, n, blocks);
    }
}

}  // namespace stockpot::cuda

#endif  // STOCKPOT_CUDA_FORMULA_CUH
