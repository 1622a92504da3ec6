// What the steps of a formula do with a block of elements, compiled once for each instruction set: include a simd_*.h
// and define SP_TARGET as its namespace first. Every loop is plain, for the compiler to turn into vectors.
#ifndef STOCKPOT_FORMULA_BLOCKS_INL
#define STOCKPOT_FORMULA_BLOCKS_INL
#include "accumulators.inl"
#include "elements.inl"
#include "kernels.h"
#include "settle.inl"
#include "stockpot.h"

namespace stockpot::SP_TARGET {

template <class T, class F>
SP_INLINE void each(T* to, const T* a, const T* b, int n, F f) {
#pragma GCC ivdep
    for (int i = 0; i < n; i++) to[i] = f(a[i], b[i]);
}

template <class T, class F>
SP_INLINE void each(T* to, const T* a, const T* b, const T* c, int n, F f) {
#pragma GCC ivdep
    for (int i = 0; i < n; i++) to[i] = f(a[i], b[i], c[i]);
}

template <class T>
SP_INLINE void countBlock(int64_t* count, const T* a, int n) {
    int32_t found = 0;
    for (int i = 0; i < n; i++) found += a[i] != 0;
    *count += found;
}

template <class T>
SP_INLINE T fused(T a, T b, T c) {
    if constexpr (__is_same(T, float)) {
        return __builtin_fmaf(a, b, c);
    } else {
        return __builtin_fma(a, b, c);
    }
}

SP_INLINE float magnitude(float x) { return __builtin_fabsf(x); }
SP_INLINE double magnitude(double x) { return __builtin_fabs(x); }

template <class T>
SP_INLINE uint32_t pattern(T x) {
    float f = (float)x;
    uint32_t p;
    __builtin_memcpy(&p, &f, 4);
    p &= 0x7FFFFFFF;
    return p > 0x7F800000 ? 0x7FC00000 : p;
}

template <class Acc, class Type>
SP_INLINE void decodeBlock(typename Acc::Scalar* to, const char* from, int elements) {
    int whole = elements / Acc::kStep * Acc::kStep;
    for (int i = 0; i < whole; i += Acc::kStep) {
        const char* p = from + (int64_t)i * Type::kBytes;
        for (int line = 0; line < Acc::kStep * Type::kBytes; line += 64) prefetch(p + 3072 + line);
        Acc::store(to + i, Acc::template decode<Type>(p));
    }
    if (whole < elements) {
        alignas(64) char padded[Acc::kStep * 8] = {};
        __builtin_memcpy(padded, from + (int64_t)whole * Type::kBytes, (elements - whole) * Type::kBytes);
        Acc::store(to + whole, Acc::template decode<Type>(padded));
    }
}

template <class Acc>
SP_INLINE void decodeBlock(int dtype, typename Acc::Scalar* to, const char* from, int elements) {
    if constexpr (!__is_same(Acc, InF32)) {
        if (dtype == SP_F64) return decodeBlock<Acc, F64>(to, from, elements);
        if (dtype == SP_F32) return decodeBlock<Acc, F32>(to, from, elements);
    }
    switch (dtype) {
        case SP_F16:
            return decodeBlock<Acc, F16>(to, from, elements);
        case SP_BF16:
            return decodeBlock<Acc, BF16>(to, from, elements);
        case SP_F8_E5M2:
            return decodeBlock<Acc, E5M2>(to, from, elements);
        default:
            return decodeBlock<Acc, E4M3>(to, from, elements);
    }
}

// Encodes a block, and keeps what tells whether all of it is finite.
template <class Acc, class Type>
SP_INLINE void encodeBlock(char* to, const typename Acc::Scalar* from, int elements, Largest& largestSoFar) {
    Largest largest = largestSoFar;  // In a register.
    int whole = elements / Acc::kStep * Acc::kStep;
    for (int i = 0; i < whole; i += Acc::kStep) {
        Acc::template encode<Type>(to + (int64_t)i * Type::kBytes, Acc::load(from + i), largest);
    }
    if (whole < elements) {
        // What follows in the register may be anything.
        alignas(64) typename Acc::Scalar last[Acc::kStep] = {};
        alignas(64) char padded[Acc::kStep * 8];
        __builtin_memcpy(last, from + whole, (elements - whole) * sizeof last[0]);
        Acc::template encode<Type>(padded, Acc::load(last), largest);
        __builtin_memcpy(to + (int64_t)whole * Type::kBytes, padded, (elements - whole) * Type::kBytes);
    }
    largestSoFar = largest;
}

template <class Acc>
SP_INLINE void encodeBlock(int dtype, char* to, const typename Acc::Scalar* from, int elements, Largest& largest) {
    switch (dtype) {
        case SP_F64:
            return encodeBlock<Acc, F64>(to, from, elements, largest);
        case SP_F32:
            return encodeBlock<Acc, F32>(to, from, elements, largest);
        case SP_F16:
            return encodeBlock<Acc, F16>(to, from, elements, largest);
        case SP_BF16:
            return encodeBlock<Acc, BF16>(to, from, elements, largest);
        case SP_F8_E5M2:
            return encodeBlock<Acc, E5M2>(to, from, elements, largest);
        default:
            return encodeBlock<Acc, E4M3>(to, from, elements, largest);
    }
}

template <class T>
void tableBlock(T* to, const double* table, const int64_t* shape, uint64_t index, int elements) {
    // shape: where the table begins among all, its length, and how many elements each of its numbers is for.
    const double* values = table + shape[0];
    const uint64_t length = (uint64_t)shape[1], each = (uint64_t)shape[2];
    uint64_t at = index / each % length, left = each - index % each;
    for (int i = 0; i < elements;) {
        uint64_t run = left < (uint64_t)(elements - i) ? left : (uint64_t)(elements - i);
        T x = (T)values[at];
        for (uint64_t j = 0; j < run; j++) to[i + j] = x;
        i += (int)run;
        left = each;
        at = at + 1 == length ? 0 : at + 1;
    }
}

template <class T>
void windowBlock(T* to, const T* a, const int64_t* window, int64_t index, int elements) {
    const uint32_t above = (uint32_t)window[0], last = (uint32_t)window[2];
    // Indices relative to the block's first, clamped to what 32 bits hold.
    auto relative = [&](int64_t at) {
        int64_t r = at - index;
        return (int32_t)(r < -1 ? -1 : r > kFormulaBlock ? kFormulaBlock : r);
    };
    const int32_t aboveAt = relative(window[1]), lastAt = relative(window[3]);
    for (int i = 0; i < elements; i++) {
        uint32_t p = pattern(a[i]);
        int past = (p < above) | ((p == above) & (i > aboveAt));
        int in = (p > last) | ((p == last) & (i <= lastAt));
        to[i] = (T)(past & in);
    }
}

#if SP_LANES > 1
SP_INLINE F asF32(const float* p) { return loadAccF(p); }
SP_INLINE F asF32(const double* p) { return narrow(loadAccD(p)); }
#endif

template <class T>
void histogramBlock(int64_t* counts, const T* a, const int64_t* bins, int elements) {
    const uint32_t from = (uint32_t)bins[0], number = (uint32_t)bins[2];
    const int shift = (int)bins[1];
    int i = 0;
#if SP_LANES > 1
    // A range that few elements are in costs no more than comparing: those that are in one are counted afterwards.
    uint32_t found[kFormulaBlock + kLanes];
    int hits = 0;
    for (; i + kLanes <= elements; i += kLanes) {
        const I pattern = patterns(asF32(a + i));
        if (number == 1) {
            hits += countOf(pattern, from, shift);
        } else {
            hits += binsOf(found + hits, pattern, from, shift, number);
        }
    }
    if (number == 1) {
        counts[0] += hits;
    } else {
        for (int k = 0; k < hits; k++) counts[found[k]]++;
    }
#endif
    for (; i < elements; i++) {
        uint32_t p = pattern(a[i]);
        uint32_t bin = (p - from) >> shift;
        if (p >= from && bin < number) counts[bin]++;
    }
}

}  // namespace stockpot::SP_TARGET

#endif  // STOCKPOT_FORMULA_BLOCKS_INL
