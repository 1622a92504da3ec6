// The kernel, compiled once for each instruction set: include a simd_*.h and define SP_TARGET as its namespace first.
//
// Elements go through in blocks whose accumulators stay in the L1 cache. A block's sources are added one after another;
// then it is divided, rounded and stored: past the caches where nobody reads the result soon, as memory need not be
// read then before it is written. While a source is added, its block after next is prefetched into L2: so memory is
// read in runs of some KiB. Reading eight BF16 sources side by side saves loads and stores of accumulators, but
// measured half as fast from mapped files (likely because their equal offsets share the sets of the L1 cache).
//
// No function of the standard library is used here: an inline one compiled for AVX-512 could replace the same one
// elsewhere in the program.
#include "elements.inl"
#include "kernels.h"
#include "stockpot.h"

namespace stockpot::SP_TARGET {

constexpr int64_t kBlock = 2048;
constexpr int64_t kPrefetchAhead = 2 * kBlock;

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
    SP_INLINE Vector mul(Vector x, Vector y) { return {SP_TARGET::mul(x.a, y.a), SP_TARGET::mul(x.b, y.b)}; }
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
    SP_INLINE Vector mul(Vector x, Vector y) { return SP_TARGET::mul(x, y); }
    SP_INLINE Vector fma(Vector w, Vector x, Vector y) { return SP_TARGET::fma(w, x, y); }
    SP_INLINE Vector div(Vector x, Vector y) { return SP_TARGET::div(x, y); }

    template <class T>
    SP_INLINE Vector decode(const char* p) {
        return decodeWide<T>(p);
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

// Adds one source to the accumulators of a block. The first one is added to -0, the one value that gives every x, and
// every w * x, its own bits.
template <class Acc, class T, bool kWeighted>
void add(typename Acc::Scalar* acc, const char* source, double weight, int64_t elements, bool first) {
    const typename Acc::Vector w = Acc::splat(weight);
    for (int64_t i = 0; i < elements; i += Acc::kStep) {
        const char* p = source + i * T::kBytes;
        for (int line = 0; line < Acc::kStep * T::kBytes; line += 64) prefetch(p + kPrefetchAhead * T::kBytes + line);
        typename Acc::Vector sum = first ? Acc::splat(-0.0) : Acc::load(acc + i);
        typename Acc::Vector x = Acc::template decode<T>(p);
        Acc::store(acc + i, kWeighted ? Acc::fma(w, x, sum) : Acc::add(sum, x));
    }
}

template <class Acc, class T>
void add(typename Acc::Scalar* acc, const char* source, const double* weight, int64_t elements, bool first) {
    if (weight) return add<Acc, T, true>(acc, source, *weight, elements, first);
    add<Acc, T, false>(acc, source, 1, elements, first);
}

template <class Acc>
void add(int dtype, bool pairs, typename Acc::Scalar* acc, const char* source, const double* weight, int64_t elements,
         bool first) {
    if constexpr (__is_same(Acc, InF32)) {
        if (pairs) return add<Acc, BF16Pairs>(acc, source, weight, elements, first);
    } else {
        if (dtype == SP_F64) return add<Acc, F64>(acc, source, weight, elements, first);
        if (dtype == SP_F32) return add<Acc, F32>(acc, source, weight, elements, first);
    }
    switch (dtype) {
        case SP_F16:
            return add<Acc, F16>(acc, source, weight, elements, first);
        case SP_BF16:
            return add<Acc, BF16>(acc, source, weight, elements, first);
        case SP_F8_E5M2:
            return add<Acc, E5M2>(acc, source, weight, elements, first);
        default:
            return add<Acc, E4M3>(acc, source, weight, elements, first);
    }
}

// Whether x / divisor and x * (1 / divisor) are the same for every x: both round the same exact value then.
SP_INLINE bool isPowerOfTwo(double divisor) {
    uint64_t bits;
    __builtin_memcpy(&bits, &divisor, 8);
    uint64_t exponent = bits >> 52 & 0x7FF;
    return bits << 12 == 0 && exponent >= 1023 - 126 && exponent <= 1023 + 126;
}

template <class Acc, class T>
void finish(char* out, const typename Acc::Scalar* acc, double divisor, int64_t elements) {
    divisor = (typename Acc::Scalar)divisor;
    if (isPowerOfTwo(divisor)) {
        // Several times as fast as a division.
        const typename Acc::Vector factor = Acc::splat(1 / divisor);
        for (int64_t i = 0; i < elements; i += Acc::kStep) {
            Acc::template encode<T>(out + i * T::kBytes, Acc::mul(Acc::load(acc + i), factor));
        }
        return;
    }
    const typename Acc::Vector d = Acc::splat(divisor);
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
    char* copy = padded;
    // Hides where this points: the compiler would object to the prefetch past its end, which is harmless.
    __asm__("" : "+r"(copy));
    int64_t left = call.elements - from;
    for (int k = 0; k < call.count; k++) {
        int bytes = dtypeBytes(call.sourceDtypes[k]);
        __builtin_memcpy(copy, (const char*)call.sources[k] + from * bytes, left * bytes);
        const double* weight = call.weights ? call.weights + k : nullptr;
        add<Acc>(call.sourceDtypes[k], pairs, acc, copy, weight, Acc::kStep, k == 0);
    }
    finish<Acc>(call.outDtype, pairs, copy, acc, call.divisor, Acc::kStep);
    int bytes = dtypeBytes(call.outDtype);
    __builtin_memcpy(call.out + from * bytes, copy, left * bytes);
}

template <class Acc>
void mixIn(const MixCall& call, bool pairs) {
    alignas(64) typename Acc::Scalar acc[kBlock];
    alignas(64) char rounded[kBlock * 8];
    int64_t whole = call.elements / Acc::kStep * Acc::kStep;
    for (int64_t from = 0; from < whole; from += kBlock) {
        int64_t elements = whole - from < kBlock ? whole - from : kBlock;
        for (int k = 0; k < call.count; k++) {
            int dtype = call.sourceDtypes[k];
            const char* source = (const char*)call.sources[k] + from * dtypeBytes(dtype);
            add<Acc>(dtype, pairs, acc, source, call.weights ? call.weights + k : nullptr, elements, k == 0);
        }
        int bytes = dtypeBytes(call.outDtype);
        char* out = call.out + from * bytes;
        if (call.pastCaches) {
            finish<Acc>(call.outDtype, pairs, rounded, acc, call.divisor, elements);
            storePast(out, rounded, elements * bytes);
        } else {
            finish<Acc>(call.outDtype, pairs, out, acc, call.divisor, elements);
        }
    }
    if (call.pastCaches) finishPast();
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
