// What the steps of a formula do, each for a thread's elements. Registers are chosen at run time, which those of the
// processor cannot be: they are in shared memory, together with the sums. No thread uses another's, so there is no
// barrier.
#ifndef STOCKPOT_CUDA_FORMULA_STEPS_CUH
#define STOCKPOT_CUDA_FORMULA_STEPS_CUH

#include "arguments.h"
#include "arithmetic.cuh"
#include "dot.cuh"
#include "philox.cuh"

namespace stockpot::cuda {

// Elements of a thread that go through the steps together: the cost of reading a step is shared by them.
template <class T>
constexpr int kTogether = 16 / (int)sizeof(T);

struct Step {
    int op, to, a, b, c;
};

SP_DEVICE Step stepAt(const FormulaArguments& call, int number) {
    const char* at = (const char*)call.steps + number * 32;
    uint4 four = load<uint4>(at);
    return {(int)four.x, (int)four.y, (int)four.z, (int)four.w, load<int32_t>(at + 16)};
}

// A thread at work on some elements.
template <class T>
struct Machine {
    const FormulaArguments& call;
    int sums;       // where this thread's are in shared memory
    int registers;  // and these
    int64_t at;     // its first element in the launch; the others follow 32 apart
};

template <class T>
SP_DEVICE int64_t element(const Machine<T>& m, int j) {
    return m.at + j * kDotLanes;
}

template <class T>
SP_DEVICE bool exists(const Machine<T>& m, int j) {
    return element(m, j) < m.call.elements;
}

template <class T>
SP_DEVICE int registerAt(const Machine<T>& m, int number, int j) {
    return m.registers + (number * kTogether<T> + j) * kDotLanes * (int)sizeof(T);
}

template <class T>
SP_DEVICE int sumAt(const Machine<T>& m, int number) {
    return m.sums + number * kDotLanes * 8;
}

SP_DEVICE int64_t number(const FormulaArguments& call, int place) {
    return load<int64_t>((const char*)call.numbers + place * 8);
}

template <class T>
SP_DEVICE void operand(const Machine<T>& m, int number, T (&x)[kTogether<T>]) {
    if (number >= 0) {
#pragma unroll
        for (int j = 0; j < kTogether<T>; j++) x[j] = loadShared<T>(registerAt(m, number, j));
    } else {
        T value = narrowed<T>(load<double>((const char*)m.call.constants + ~number * 8));
#pragma unroll
        for (int j = 0; j < kTogether<T>; j++) x[j] = value;
    }
}

// Elements of a source, zeros past its end.
template <class Type, class T>
SP_DEVICE void source(const Machine<T>& m, int to, const char* source) {
    using Bits = typename Type::Bits;
    T x[kTogether<T>];
#pragma unroll
    for (int j = 0; j < kTogether<T>; j++) {
        const char* p = source + element(m, j) * (int64_t)sizeof(Bits);
        x[j] = exists(m, j) ? (T)Type::decode(loadElement<Bits>(p)) : (T)0;
    }
#pragma unroll
    for (int j = 0; j < kTogether<T>; j++) storeShared<T>(registerAt(m, to, j), x[j]);
}

template <class T>
SP_DEVICE void source(const Machine<T>& m, const Step& step) {
    const char* entry = (const char*)m.call.sources + step.a * 16;
    const char* from = (const char*)load<uint64_t>(entry);
    const int dtype = (int)load<int64_t>(entry + 8);
    if constexpr (sizeof(T) == 8) {
        if (dtype == kF64) return source<F64>(m, step.to, from);
        if (dtype == kF32) return source<F32>(m, step.to, from);
    }
    switch (dtype) {
        case kF16:
            return source<F16>(m, step.to, from);
        case kBF16:
            return source<BF16>(m, step.to, from);
        case kE5M2:
            return source<E5M2>(m, step.to, from);
        default:
            return source<E4M3>(m, step.to, from);
    }
}

template <class T>
SP_DEVICE void table(const Machine<T>& m, const Step& step) {
    const char* shape = (const char*)m.call.shapes + step.b * 32;
    const char* from = (const char*)m.call.tables + load<int64_t>(shape) * 8;
    const uint32_t length = (uint32_t)load<int64_t>(shape + 8), each = (uint32_t)load<int64_t>(shape + 16);
    const uint32_t offset = (uint32_t)load<int64_t>(shape + 24);
#pragma unroll 1
    for (int j = 0; j < kTogether<T>; j++) {
        uint32_t at = ((uint32_t)element(m, j) + offset) / each % length;
        storeShared<T>(registerAt(m, step.to, j), narrowed<T>(load<double>(from + (int64_t)at * 8)));
    }
}

template <class T>
SP_DEVICE void random(const Machine<T>& m, const Step& step) {
    const uint64_t key = (uint64_t)number(m.call, step.b);
    const uint32_t stream = (uint32_t)number(m.call, step.b + 1);
#pragma unroll 1
    for (int j = 0; j < kTogether<T>; j++) {
        const uint32_t bits = randomBits(key, stream, (uint64_t)(m.call.first + element(m, j)));
        storeShared<T>(registerAt(m, step.to, j), multiply((T)(int32_t)bits, (T)0x1p-24));
    }
}

// Rounds to the output's type; returns whether all are finite.
template <class Type, class T>
SP_DEVICE bool out(const Machine<T>& m, const T (&x)[kTogether<T>]) {
    bool finite = true;
#pragma unroll
    for (int j = 0; j < kTogether<T>; j++) {
        char* to = (char*)m.call.out + element(m, j) * (int64_t)sizeof(typename Type::Bits);
        if (exists(m, j)) finite &= storeRounded<Type>(to, x[j]);
    }
    return finite;
}

template <class T>
SP_DEVICE bool out(const Machine<T>& m, const T (&x)[kTogether<T>]) {
    switch (m.call.outDtype) {
        case kF64:
            return out<F64>(m, x);
        case kF32:
            return out<F32>(m, x);
        case kF16:
            return out<F16>(m, x);
        case kBF16:
            return out<BF16>(m, x);
        case kE5M2:
            return out<E5M2>(m, x);
        default:
            return out<E4M3>(m, x);
    }
}

// The magnitude's F32 pattern, which orders as magnitudes do; every NaN has the same.
template <class T>
SP_DEVICE uint32_t pattern(T x) {
    uint32_t p = __float_as_uint(toFloat(x)) & 0x7FFFFFFF;
    return p > 0x7F800000 ? 0x7FC00000 : p;
}

// Whether the element of that pattern and index is in a window of ranks.
SP_DEVICE bool isWithin(const FormulaArguments& call, int window, uint32_t pattern, int64_t index) {
    const uint32_t above = (uint32_t)number(call, window), last = (uint32_t)number(call, window + 2);
    bool past = pattern < above || (pattern == above && index > number(call, window + 1));
    return past && (pattern > last || (pattern == last && index <= number(call, window + 3)));
}

template <class T>
SP_DEVICE void histogram(const Machine<T>& m, const Step& step, const T (&x)[kTogether<T>]) {
    const uint32_t from = (uint32_t)number(m.call, step.b), bins = (uint32_t)number(m.call, step.b + 2);
    const int shift = (int)number(m.call, step.b + 1);
#pragma unroll
    for (int j = 0; j < kTogether<T>; j++) {
        const uint32_t p = pattern(x[j]);
        const uint32_t bin = (p - from) >> shift;
        if (exists(m, j) && p >= from && bin < bins) countOne((char*)m.call.bins + ((int64_t)step.c + bin) * 4);
    }
}

// Adds terms to a sum, in the order of the elements.
template <class T, class Add>
SP_DEVICE void addTo(const Machine<T>& m, int sum, Add add) {
    double lane = loadShared<double>(sumAt(m, sum));
#pragma unroll
    for (int j = 0; j < kTogether<T>; j++) {
        if (exists(m, j)) lane = add(lane, j);
    }
    storeShared<double>(sumAt(m, sum), lane);
}

// The sum of `lane` and a product, which is rounded to F64 first; that of two floats is exact.
SP_DEVICE double addProduct(double lane, float a, float b) { return __fma_rn((double)a, (double)b, lane); }
SP_DEVICE double addProduct(double lane, double a, double b) { return __dadd_rn(lane, __dmul_rn(a, b)); }

template <class T, class F>
SP_DEVICE void make(const Machine<T>& m, int to, F value) {
#pragma unroll
    for (int j = 0; j < kTogether<T>; j++) storeShared<T>(registerAt(m, to, j), value(j));
}

}  // namespace stockpot::cuda

#endif  // STOCKPOT_CUDA_FORMULA_STEPS_CUH
