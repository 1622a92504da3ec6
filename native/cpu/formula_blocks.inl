// What the steps of a formula do with a block of elements, compiled once for each instruction set: include a simd_*.h
// and define SP_TARGET as its namespace first. Every loop is plain, for the compiler to turn into vectors.
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
void decodeBlock(typename Acc::Scalar* to, const char* from, int elements) {
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
void decodeBlock(int dtype, typename Acc::Scalar* to, const char* from, int elements) {
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

// Encodes a block; returns whether all of it is finite, and makes every NaN the same.
template <class Acc, class Type>
bool encodeBlock(int dtype, char* to, const typename Acc::Scalar* from, int elements) {
    Largest largest = {};
    int whole = elements / Acc::kStep * Acc::kStep;
    for (int i = 0; i < whole; i += Acc::kStep) {
        Acc::template encode<Type>(to + (int64_t)i * Type::kBytes, Acc::load(from + i), largest);
    }
    bool finite = settle(dtype, (char*)&largest, sizeof largest / Type::kBytes);
    if (!finite) settle(dtype, to, whole);
    if (whole < elements) {
        alignas(64) char padded[Acc::kStep * 8];
        Largest ignored = {};
        Acc::template encode<Type>(padded, Acc::load(from + whole), ignored);
        finite &= settle(dtype, padded, elements - whole);
        __builtin_memcpy(to + (int64_t)whole * Type::kBytes, padded, (elements - whole) * Type::kBytes);
    }
    return finite;
}

template <class Acc>
bool encodeBlock(int dtype, char* to, const typename Acc::Scalar* from, int elements) {
    switch (dtype) {
        case SP_F64:
            return encodeBlock<Acc, F64>(dtype, to, from, elements);
        case SP_F32:
            return encodeBlock<Acc, F32>(dtype, to, from, elements);
        case SP_F16:
            return encodeBlock<Acc, F16>(dtype, to, from, elements);
        case SP_BF16:
            return encodeBlock<Acc, BF16>(dtype, to, from, elements);
        case SP_F8_E5M2:
            return encodeBlock<Acc, E5M2>(dtype, to, from, elements);
        default:
            return encodeBlock<Acc, E4M3>(dtype, to, from, elements);
    }
}

// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), a group of four at a time.
constexpr int kGroups = kFormulaBlock / 4 + 1;

template <class T>
void randomBlock(T* to, uint64_t key, uint32_t stream, uint64_t index, int elements) {
    alignas(64) uint32_t x0[kGroups], x1[kGroups], x2[kGroups], x3[kGroups];
    const uint64_t group = index / 4;
    const int skip = (int)(index % 4);
    const int groups = (skip + elements + 3) / 4;
    for (int g = 0; g < groups; g++) {
        x0[g] = (uint32_t)(group + g);
        x1[g] = (uint32_t)((group + g) >> 32);
        x2[g] = stream;
        x3[g] = 0;
    }
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
        for (int g = 0; g < groups; g++) {
            uint64_t p0 = (uint64_t)0xD2511F53 * x0[g], p1 = (uint64_t)0xCD9E8D57 * x2[g];
            x0[g] = (uint32_t)(p1 >> 32) ^ x1[g] ^ k0;
            x1[g] = (uint32_t)p1;
            x2[g] = (uint32_t)(p0 >> 32) ^ x3[g] ^ k1;
            x3[g] = (uint32_t)p0;
        }
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    alignas(64) uint32_t words[kGroups * 4];
    for (int g = 0; g < groups; g++) {
        words[4 * g] = x0[g];
        words[4 * g + 1] = x1[g];
        words[4 * g + 2] = x2[g];
        words[4 * g + 3] = x3[g];
    }
    for (int i = 0; i < elements; i++) to[i] = (T)(int32_t)(words[skip + i] >> 8) * (T)0x1p-24;
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

template <class T>
void histogramBlock(int64_t* counts, const T* a, const int64_t* bins, int elements) {
    const uint32_t from = (uint32_t)bins[0], number = (uint32_t)bins[2];
    const int shift = (int)bins[1];
    for (int i = 0; i < elements; i++) {
        uint32_t p = pattern(a[i]);
        uint32_t bin = (p - from) >> shift;
        if (p >= from && bin < number) counts[bin]++;
    }
}

template <class T, class F>
SP_INLINE void sumBlock(double* lanes, int elements, F term) {
    double sums[SP_DOT_LANES];
    for (int j = 0; j < SP_DOT_LANES; j++) sums[j] = lanes[j];
    int i = 0;
    for (; i + SP_DOT_LANES <= elements; i += SP_DOT_LANES) {
        for (int j = 0; j < SP_DOT_LANES; j++) sums[j] += term(i + j);
    }
    for (int j = 0; i + j < elements; j++) sums[j] += term(i + j);
    for (int j = 0; j < SP_DOT_LANES; j++) lanes[j] = sums[j];
}

}  // namespace stockpot::SP_TARGET
