// The kernel, compiled once for each instruction set: include a simd_*.h and define SP_TARGET as its namespace first.
//
// Elements go through in blocks whose accumulators stay in the L1 cache. A block's sources are added in order, in fully
// unrolled groups of 8, 4, 2 or 1 of one type, so that an accumulator is loaded and stored once a group; then the block
// is divided, rounded and stored. No function of the standard library is used here: an inline one compiled for AVX-512
// could replace the same one elsewhere in the program.
#include "mix_kernel.h"
#include "stockpot.h"

namespace stockpot::SP_TARGET {

constexpr int64_t kBlock = 2048;
constexpr int kPrefetchBytes = 512;

// The types as the kernel sees them: how kLanes elements become floats.
struct F32 {
    static constexpr int kBytes = 4;
    SP_INLINE F decode(const char* p) { return decodeF32(p); }
    SP_INLINE void encode(char* p, F x) { encodeF32(p, x); }
};
struct F16 {
    static constexpr int kBytes = 2;
    SP_INLINE F decode(const char* p) { return decodeF16(p); }
    SP_INLINE void encode(char* p, F x) { encodeF16(p, x); }
};
struct BF16 {
    static constexpr int kBytes = 2;
    SP_INLINE F decode(const char* p) { return decodeBF16(p); }
    SP_INLINE void encode(char* p, F x) { encodeBF16(p, x); }
};
struct E5M2 {
    static constexpr int kBytes = 1;
    SP_INLINE F decode(const char* p) { return decodeE5M2(p); }
    SP_INLINE void encode(char* p, F x) { encodeE5M2(p, x); }
};
struct E4M3 {
    static constexpr int kBytes = 1;
    SP_INLINE F decode(const char* p) { return decodeE4M3(p); }
    SP_INLINE void encode(char* p, F x) { encodeE4M3(p, x); }
};
struct F64 {
    static constexpr int kBytes = 8;
};
// BF16 in and out, kept as even and odd elements in between: splitting a full load is cheaper than widening two halves.
struct BF16Pairs {
    static constexpr int kBytes = 2;
};

// Both accumulators are a pair of vectors, kStep elements in all.
struct InF32 {
    using Scalar = float;
    static constexpr int kStep = 2 * kLanes;
    struct Vector {
        F a, b;
    };
    SP_INLINE Vector splat(double x) { return {splatF((float)x), splatF((float)x)}; }
    SP_INLINE Vector load(const float* p) { return {loadAccF(p), loadAccF(p + kLanes)}; }
    SP_INLINE void store(float* p, Vector x) {
        storeAcc(p, x.a);
        storeAcc(p + kLanes, x.b);
    }
    SP_INLINE Vector add(Vector x, Vector y) { return {SP_TARGET::add(x.a, y.a), SP_TARGET::add(x.b, y.b)}; }
    SP_INLINE Vector fma(Vector w, Vector x, Vector y) {
        return {SP_TARGET::fma(w.a, x.a, y.a), SP_TARGET::fma(w.b, x.b, y.b)};
    }
    SP_INLINE Vector div(Vector x, Vector y) { return {SP_TARGET::div(x.a, y.a), SP_TARGET::div(x.b, y.b)}; }

    template <class T>
    SP_INLINE Vector decode(const char* p) {
        if constexpr (__is_same(T, BF16Pairs)) {
            Vector x;
            decodeBF16Pairs(p, x.a, x.b);
            return x;
        } else {
            return {T::decode(p), T::decode(p + kLanes * T::kBytes)};
        }
    }
    template <class T>
    SP_INLINE void encode(char* p, Vector x) {
        if constexpr (__is_same(T, BF16Pairs)) {
            encodeBF16Pairs(p, x.a, x.b);
        } else if constexpr (__is_same(T, F64)) {
            encodeF64(p, widen(x.a));
            encodeF64(p + kLanes * 8, widen(x.b));
        } else {
            T::encode(p, x.a);
            T::encode(p + kLanes * T::kBytes, x.b);
        }
    }
};

struct InF64 {
    using Scalar = double;
    static constexpr int kStep = kLanes;
    using Vector = D;
    SP_INLINE Vector splat(double x) { return splatD(x); }
    SP_INLINE Vector load(const double* p) { return loadAccD(p); }
    SP_INLINE void store(double* p, Vector x) { storeAcc(p, x); }
    SP_INLINE Vector add(Vector x, Vector y) { return SP_TARGET::add(x, y); }
    SP_INLINE Vector fma(Vector w, Vector x, Vector y) { return SP_TARGET::fma(w, x, y); }
    SP_INLINE Vector div(Vector x, Vector y) { return SP_TARGET::div(x, y); }

    template <class T>
    SP_INLINE Vector decode(const char* p) {
        if constexpr (__is_same(T, F64)) {
            return decodeF64(p);
        } else {
            return widen(T::decode(p));
        }
    }
    template <class T>
    SP_INLINE void encode(char* p, Vector x) {
        if constexpr (__is_same(T, F64)) {
            encodeF64(p, x);
        } else if constexpr (__is_same(T, F32)) {
            encodeF32(p, narrow(x));
        } else {
            T::encode(p, narrowToOdd(x));
        }
    }
};

// Adds N sources of one type to the accumulators of a block, starting at an element of each source. The first group
// starts from -0, the one value that gives every x, and every w * x, its own bits when added to it.
template <class Acc, class T, int N, bool kWeighted>
void addGroup(typename Acc::Scalar* acc, const int64_t* sources, const double* weights, int64_t from, int64_t elements,
              bool first) {
    const char* s[N];
    typename Acc::Vector w[N];
#pragma GCC unroll 8
    for (int k = 0; k < N; k++) {
        s[k] = (const char*)sources[k] + from * T::kBytes;
        w[k] = Acc::splat(kWeighted ? weights[k] : 1);
    }
    for (int64_t i = 0; i < elements; i += Acc::kStep) {
        typename Acc::Vector sum = first ? Acc::splat(-0.0) : Acc::load(acc + i);
#pragma GCC unroll 8
        for (int k = 0; k < N; k++) {
            const char* p = s[k] + i * T::kBytes;
            prefetch(p + kPrefetchBytes);
            typename Acc::Vector x = Acc::template decode<T>(p);
            sum = kWeighted ? Acc::fma(w[k], x, sum) : Acc::add(sum, x);
        }
        Acc::store(acc + i, sum);
    }
}

template <class Acc, class T, bool kWeighted>
int addLargestGroup(typename Acc::Scalar* acc, const int64_t* sources, const double* weights, int run, int64_t from,
                    int64_t elements, bool first) {
    if (run >= 8) return addGroup<Acc, T, 8, kWeighted>(acc, sources, weights, from, elements, first), 8;
    if (run >= 4) return addGroup<Acc, T, 4, kWeighted>(acc, sources, weights, from, elements, first), 4;
    if (run >= 2) return addGroup<Acc, T, 2, kWeighted>(acc, sources, weights, from, elements, first), 2;
    return addGroup<Acc, T, 1, kWeighted>(acc, sources, weights, from, elements, first), 1;
}

template <class Acc, class T>
int addSome(typename Acc::Scalar* acc, const int64_t* sources, const double* weights, int run, int64_t from,
            int64_t elements, bool first) {
    return weights ? addLargestGroup<Acc, T, true>(acc, sources, weights, run, from, elements, first)
                   : addLargestGroup<Acc, T, false>(acc, sources, weights, run, from, elements, first);
}

// Adds as many of the next `run` sources, all of one type, as one group takes; returns how many that was.
template <class Acc>
int addSome(int dtype, bool pairs, typename Acc::Scalar* acc, const int64_t* sources, const double* weights, int run,
            int64_t from, int64_t elements, bool first) {
    if constexpr (__is_same(Acc, InF32)) {
        if (pairs) return addSome<Acc, BF16Pairs>(acc, sources, weights, run, from, elements, first);
    } else {
        if (dtype == SP_F64) return addSome<Acc, F64>(acc, sources, weights, run, from, elements, first);
        if (dtype == SP_F32) return addSome<Acc, F32>(acc, sources, weights, run, from, elements, first);
    }
    switch (dtype) {
        case SP_F16:
            return addSome<Acc, F16>(acc, sources, weights, run, from, elements, first);
        case SP_BF16:
            return addSome<Acc, BF16>(acc, sources, weights, run, from, elements, first);
        case SP_F8_E5M2:
            return addSome<Acc, E5M2>(acc, sources, weights, run, from, elements, first);
        default:
            return addSome<Acc, E4M3>(acc, sources, weights, run, from, elements, first);
    }
}

template <class Acc, class T>
void finish(char* out, const typename Acc::Scalar* acc, double divisor, int64_t elements) {
    typename Acc::Vector d = Acc::splat(divisor);
    for (int64_t i = 0; i < elements; i += Acc::kStep) {
        Acc::template encode<T>(out + i * T::kBytes, Acc::div(Acc::load(acc + i), d));
    }
}

template <class Acc>
void finish(int dtype, bool pairs, char* out, const typename Acc::Scalar* acc, double divisor, int64_t elements) {
    if constexpr (__is_same(Acc, InF32)) {
        if (pairs) return finish<Acc, BF16Pairs>(out, acc, divisor, elements);
    }
    switch (dtype) {
        case SP_F64:
            return finish<Acc, F64>(out, acc, divisor, elements);
        case SP_F32:
            return finish<Acc, F32>(out, acc, divisor, elements);
        case SP_F16:
            return finish<Acc, F16>(out, acc, divisor, elements);
        case SP_BF16:
            return finish<Acc, BF16>(out, acc, divisor, elements);
        case SP_F8_E5M2:
            return finish<Acc, E5M2>(out, acc, divisor, elements);
        default:
            return finish<Acc, E4M3>(out, acc, divisor, elements);
    }
}

// Mixes the last elements, fewer than kStep, through padded copies: no vector reaches past the end of an operand.
template <class Acc>
void mixTail(const MixCall& call, bool pairs, int64_t from) {
    alignas(64) typename Acc::Scalar acc[Acc::kStep];
    alignas(64) char padded[Acc::kStep * 8] = {};
    int64_t copy = (int64_t)padded;
    // Hides where this points: the compiler would object to the prefetch past its end, which is harmless.
    __asm__("" : "+r"(copy));
    int64_t left = call.elements - from;
    for (int k = 0; k < call.count; k++) {
        int dtype = call.sourceDtypes[k];
        int bytes = dtypeBytes(dtype);
        __builtin_memcpy(padded, (const char*)call.sources[k] + from * bytes, left * bytes);
        __asm__ volatile("" ::: "memory");
        addSome<Acc>(dtype, pairs, acc, &copy, call.weights ? call.weights + k : nullptr, 1, 0, Acc::kStep, k == 0);
    }
    finish<Acc>(call.outDtype, pairs, padded, acc, call.divisor, Acc::kStep);
    int bytes = dtypeBytes(call.outDtype);
    __builtin_memcpy(call.out + from * bytes, padded, left * bytes);
}

template <class Acc>
void mixIn(const MixCall& call, bool pairs) {
    alignas(64) typename Acc::Scalar acc[kBlock];
    int64_t whole = call.elements / Acc::kStep * Acc::kStep;
    for (int64_t from = 0; from < whole; from += kBlock) {
        int64_t elements = whole - from < kBlock ? whole - from : kBlock;
        for (int k = 0, run; k < call.count;) {
            for (run = 1; k + run < call.count && call.sourceDtypes[k + run] == call.sourceDtypes[k];) run++;
            k += addSome<Acc>(call.sourceDtypes[k], pairs, acc, call.sources + k,
                              call.weights ? call.weights + k : nullptr, run, from, elements, k == 0);
        }
        char* out = call.out + from * dtypeBytes(call.outDtype);
        finish<Acc>(call.outDtype, pairs, out, acc, call.divisor, elements);
    }
    if (whole < call.elements) mixTail<Acc>(call, pairs, whole);
}

void mix(const MixCall& call) {
    bool wide = false;
    bool pairs = call.outDtype == SP_BF16;
    for (int k = 0; k < call.count; k++) {
        wide |= call.sourceDtypes[k] == SP_F32 || call.sourceDtypes[k] == SP_F64;
        pairs &= call.sourceDtypes[k] == SP_BF16;
    }
    if (wide) {
        mixIn<InF64>(call, false);
    } else {
        mixIn<InF32>(call, pairs);
    }
}

}  // namespace stockpot::SP_TARGET
