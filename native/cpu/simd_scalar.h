// The vector operations of the kernels, one lane at a time: for any processor, and their plainest definition.
#ifndef STOCKPOT_SIMD_SCALAR_H
#define STOCKPOT_SIMD_SCALAR_H

#include <stddef.h>
#include <stdint.h>

#define SP_INLINE static inline __attribute__((always_inline))

namespace stockpot::scalar {

#define SP_LANES 1
constexpr int kLanes = SP_LANES;
using F = float;
struct D {
    double v;
};

SP_INLINE uint32_t bits(float f) {
    uint32_t b;
    __builtin_memcpy(&b, &f, 4);
    return b;
}
SP_INLINE float fromBits(uint32_t b) {
    float f;
    __builtin_memcpy(&f, &b, 4);
    return f;
}
template <class T>
SP_INLINE T load(const void* p) {
    T t;
    __builtin_memcpy(&t, p, sizeof t);
    return t;
}
template <class T>
SP_INLINE void store(void* p, T t) {
    __builtin_memcpy(p, &t, sizeof t);
}

SP_INLINE void prefetch(const char* p) { __builtin_prefetch(p, 0, 2); }

// Stores that go past the caches, if the processor has them; finishPast() orders them before what follows.
template <int kBytes>
SP_INLINE void storePast(char* out, const char* from) {
    __builtin_memcpy(out, from, kBytes);
}
SP_INLINE void finishPast() {}

SP_INLINE F splatF(float x) { return x; }
SP_INLINE F loadAccF(const float* p) { return *p; }
SP_INLINE void storeAcc(float* p, F x) { *p = x; }
SP_INLINE F add(F a, F b) { return a + b; }
SP_INLINE F mul(F a, F b) { return a * b; }
SP_INLINE F fma(F a, F b, F c) { return __builtin_fmaf(a, b, c); }
SP_INLINE F div(F a, F b) { return a / b; }

SP_INLINE D splatD(double x) { return {x}; }
SP_INLINE D loadAccD(const double* p) { return {*p}; }
SP_INLINE void storeAcc(double* p, D x) { *p = x.v; }
SP_INLINE D add(D a, D b) { return {a.v + b.v}; }
SP_INLINE D mul(D a, D b) { return {a.v * b.v}; }
SP_INLINE D fma(D a, D b, D c) { return {__builtin_fma(a.v, b.v, c.v)}; }
SP_INLINE D div(D a, D b) { return {a.v / b.v}; }

SP_INLINE D loadWide(const float* p) { return {(double)*p}; }
SP_INLINE D widen(F x) { return {(double)x}; }
SP_INLINE F narrow(D x) { return (float)x.v; }

// Rounds to odd: truncates, and sets the last bit if anything was cut off, so that a second rounding to a narrower type
// is correct (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
SP_INLINE F narrowToOdd(D x) {
    float f = (float)x.v;
    if (x.v == x.v && (double)f != x.v) {
        uint32_t b = bits(f);
        // An infinity from overflow steps back to the largest finite value here.
        b -= __builtin_fabs((double)f) > __builtin_fabs(x.v);
        f = fromBits(b | 1);
    }
    return f;
}

SP_INLINE float halfToFloat(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16;
    uint32_t exponent = (h >> 10) & 31;
    uint32_t fraction = h & 0x3FF;
    if (exponent == 31) return fromBits(sign | 0x7F800000 | fraction << 13);
    if (exponent == 0) return fromBits(sign | bits((float)fraction * 0x1p-24f));
    return fromBits(sign | (exponent + 112) << 23 | fraction << 13);
}

SP_INLINE D decodeF64(const char* p) { return {load<double>(p)}; }
SP_INLINE F decodeF32(const char* p) { return load<float>(p); }
SP_INLINE F decodeF16(const char* p) { return halfToFloat(load<uint16_t>(p)); }
SP_INLINE F decodeBF16(const char* p) { return fromBits((uint32_t)load<uint16_t>(p) << 16); }
SP_INLINE F decodeE5M2(const char* p) { return halfToFloat((uint16_t)(load<uint8_t>(p) << 8)); }
SP_INLINE F decodeE4M3(const char* p) {
    uint32_t b = load<uint8_t>(p);
    // The four exponent bits of E4M3 sit in a half's five with a bias that is 8 less; its NaN comes out as 480.
    float f = halfToFloat((uint16_t)((b & 0x80) << 8 | (b & 0x7F) << 7)) * 256.0f;
    return __builtin_fabsf(f) == 480.0f ? fromBits(0x7FC00000) : f;
}

// The largest bits without the sign among encoded elements of one type, as an element of that type or a vector of them:
// infinity and NaN have the largest of all. `note` adds elements of kBytes bytes. A NaN may keep its sign and payload
// here: where there are any, they are all made the same once at the end.
using Largest = uint64_t;
template <int kBytes>
SP_INLINE void note(Largest& largest, uint64_t element) {
    uint64_t magnitude = element & (((uint64_t)1 << (8 * kBytes - 1)) - 1);
    if (magnitude > largest) largest = magnitude;
}
template <class T>
SP_INLINE void put(char* p, T element, Largest& largest) {
    note<sizeof(T)>(largest, element);
    store(p, element);
}

SP_INLINE void encodeF64(char* p, D x, Largest& largest) {
    uint64_t b;
    __builtin_memcpy(&b, &x.v, 8);
    put(p, x.v == x.v ? b : (uint64_t)0x7FF8000000000000, largest);
}
SP_INLINE void encodeF32(char* p, F x, Largest& largest) { put(p, x == x ? bits(x) : 0x7FC00000u, largest); }

// Rounds the magnitude of x to a type of kFraction fraction bits and exponent bias kBias, to nearest even; the caller
// handles overflow. Below the smallest normal value the processor's adder rounds: adding a power of two whose last
// place is the type's smallest subnormal value leaves the rounded fraction in the low bits.
template <int kFraction, int kBias>
SP_INLINE uint32_t roundMagnitude(float x) {
    constexpr int kShift = 23 - kFraction;
    constexpr uint32_t kMagic = (uint32_t)(127 - kBias + kShift + 1) << 23;
    uint32_t b = bits(x) & 0x7FFFFFFF;
    if (b < (uint32_t)(127 - kBias + 1) << 23) return bits(fromBits(b) + fromBits(kMagic)) - kMagic;
    uint32_t odd = b >> kShift & 1;
    return (b - ((uint32_t)(127 - kBias) << 23) + ((1u << (kShift - 1)) - 1) + odd) >> kShift;
}

SP_INLINE void encodeF16(char* p, F x, Largest& largest) {
    uint32_t sign = bits(x) >> 16 & 0x8000;
    uint32_t h = __builtin_fabsf(x) >= 65536.0f ? 0x7C00 : roundMagnitude<10, 15>(x);
    put(p, (uint16_t)(x == x ? sign | h : 0x7E00), largest);
}
SP_INLINE void encodeBF16(char* p, F x, Largest& largest) {
    uint32_t b = bits(x);
    put(p, (uint16_t)(x == x ? (b + 0x7FFF + (b >> 16 & 1)) >> 16 : 0x7FC0), largest);
}
SP_INLINE void encodeE5M2(char* p, F x, Largest& largest) {
    uint32_t sign = bits(x) >> 24 & 0x80;
    uint32_t e = __builtin_fabsf(x) >= 65536.0f ? 0x7C : roundMagnitude<2, 15>(x);
    put(p, (uint8_t)(x == x ? sign | e : 0x7E), largest);
}
SP_INLINE void encodeE4M3(char* p, F x, Largest& largest) {
    uint32_t sign = bits(x) >> 24 & 0x80;
    // Values past 464 round to the code of NaN on their own; NaN itself fails the comparison.
    uint32_t e = __builtin_fabsf(x) < 480.0f ? roundMagnitude<3, 7>(x) : 0x7F;
    put(p, (uint8_t)(e == 0x7F ? 0x7F : sign | e), largest);
}

// BF16 kept in pairs, even elements in one vector and odd ones in the other.
SP_INLINE void decodeBF16Pairs(const char* p, F& even, F& odd) {
    even = decodeBF16(p);
    odd = decodeBF16(p + 2);
}
SP_INLINE void encodeBF16Pairs(char* p, F even, F odd, Largest& largest) {
    encodeBF16(p, even, largest);
    encodeBF16(p + 2, odd, largest);
}

// The same values as decoding and widening, in fewer instructions. Split ones have the even elements of the kLanes
// first, then the odd ones; joinPairs undoes splitPairs.
SP_INLINE D decodeWideF32(const char* p) { return widen(decodeF32(p)); }
SP_INLINE D decodeSplitBF16(const char* p) { return widen(decodeBF16(p)); }
SP_INLINE D splitPairs(D x) { return x; }
SP_INLINE D joinPairs(D x) { return x; }

// The upper half of the lanes is added to the lower one until one is left.
SP_INLINE double sumInTree(D x) { return x.v; }

}  // namespace stockpot::scalar

#endif  // STOCKPOT_SIMD_SCALAR_H
