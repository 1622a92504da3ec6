// The types in which the mixing kernel sums, for one instruction set: docs/numbers.md says which sums are in which.
#ifndef STOCKPOT_ACCUMULATORS_INL
#define STOCKPOT_ACCUMULATORS_INL

#include "elements.inl"

namespace stockpot::SP_TARGET {

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
    // Of a NaN as F32 only bits that BF16 has too: what encodeBF16Pairs relies on.
    SP_INLINE Vector splat(double x) {
        F f = splatF(x == x ? (float)x : __builtin_nanf(""));
        return {f, f};
    }
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
    SP_INLINE void encode(char* p, Vector x, Largest& largest) {
        if constexpr (__is_same(T, BF16Pairs)) {
            encodeBF16Pairs(p, x.a, x.b, largest);
        } else if constexpr (__is_same(T, F64)) {
            encodeF64(p, widen(x.a), largest);
            encodeF64(p + kLanes * 8, widen(x.b), largest);
        } else {
            T::encode(p, x.a, largest);
            T::encode(p + kLanes * T::kBytes, x.b, largest);
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
    SP_INLINE void encode(char* p, Vector x, Largest& largest) {
        if constexpr (__is_same(T, F64)) {
            encodeF64(p, x, largest);
        } else if constexpr (__is_same(T, F32)) {
            encodeF32(p, narrow(x), largest);
        } else {
            T::encode(p, narrowToOdd(x), largest);
        }
    }
};

}  // namespace stockpot::SP_TARGET

#endif  // STOCKPOT_ACCUMULATORS_INL
