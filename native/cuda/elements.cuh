// The element types: from bits to values, and from sums to bits, one rounding each. All in integer code except F16,
// which every card converts exactly, so F8 needs no card that supports it.
#ifndef STOCKPOT_CUDA_ELEMENTS_CUH
#define STOCKPOT_CUDA_ELEMENTS_CUH

#include "platform.cuh"

namespace stockpot::cuda {

// Rounds the magnitude of x to a type of kFraction fraction bits and exponent bias kBias, to nearest even; the caller
// handles overflow. Below the smallest normal value the adder rounds: adding a power of two whose last place is the
// type's smallest subnormal value leaves the rounded fraction in the low bits.
template <int kFraction, int kBias>
SP_DEVICE uint32_t roundMagnitude(float x) {
    constexpr int kShift = 23 - kFraction;
    constexpr uint32_t kMagic = (uint32_t)(127 - kBias + kShift + 1) << 23;
    uint32_t b = __float_as_uint(x) & 0x7FFFFFFF;
    if (b < (uint32_t)(127 - kBias + 1) << 23) {
        return __float_as_uint(__fadd_rn(__uint_as_float(b), __uint_as_float(kMagic))) - kMagic;
    }
    uint32_t odd = b >> kShift & 1;
    return (b - ((uint32_t)(127 - kBias) << 23) + ((1u << (kShift - 1)) - 1) + odd) >> kShift;
}

// Each type has the bits of one element, decodes them, and encodes values of the widest type that is rounded to it
// directly. Every NaN becomes the positive quiet one. Apart from the sign, the bits of infinity (of NaN, if there is
// none) are above those of all finite values.
struct F64 {
    using Bits = uint64_t;
    static constexpr uint64_t kInfinity = 0x7FF0000000000000;
    SP_DEVICE double decode(uint64_t bits) { return __longlong_as_double((long long)bits); }
    SP_DEVICE uint64_t encode(double x) {
        return x == x ? (uint64_t)__double_as_longlong(x) : (uint64_t)0x7FF8000000000000;
    }
};
struct F32 {
    using Bits = uint32_t;
    static constexpr uint32_t kInfinity = 0x7F800000;
    SP_DEVICE float decode(uint32_t bits) { return __uint_as_float(bits); }
    SP_DEVICE uint32_t encode(float x) { return x == x ? __float_as_uint(x) : 0x7FC00000u; }
};
struct F16 {
    using Bits = uint16_t;
    static constexpr uint16_t kInfinity = 0x7C00;
    SP_DEVICE float decode(uint32_t bits) { return halfToFloat((uint16_t)bits); }
    SP_DEVICE uint32_t encode(float x) {
        uint32_t b = __float_as_uint(x);
        uint32_t magnitude = (b & 0x7FFFFFFF) >= 0x47800000u ? 0x7C00 : roundMagnitude<10, 15>(x);
        return x == x ? (b >> 16 & 0x8000) | magnitude : 0x7E00;
    }
};
struct BF16 {
    using Bits = uint16_t;
    static constexpr uint16_t kInfinity = 0x7F80;
    SP_DEVICE float decode(uint32_t bits) { return __uint_as_float(bits << 16); }
    SP_DEVICE uint32_t encode(float x) {
        uint32_t b = __float_as_uint(x);
        return x == x ? (b + 0x7FFF + (b >> 16 & 1)) >> 16 : 0x7FC0;
    }
};
struct E5M2 {
    using Bits = uint8_t;
    static constexpr uint8_t kInfinity = 0x7C;
    SP_DEVICE float decode(uint32_t bits) { return halfToFloat((uint16_t)(bits << 8)); }
    SP_DEVICE uint32_t encode(float x) {
        uint32_t b = __float_as_uint(x);
        uint32_t magnitude = (b & 0x7FFFFFFF) >= 0x47800000u ? 0x7C : roundMagnitude<2, 15>(x);
        return x == x ? (b >> 24 & 0x80) | magnitude : 0x7E;
    }
};
struct E4M3 {
    using Bits = uint8_t;
    static constexpr uint8_t kInfinity = 0x7F;
    // The four exponent bits sit in a half's five with a bias that is 8 less; NaN comes out as 480.
    SP_DEVICE float decode(uint32_t bits) {
        float x = __fmul_rn(halfToFloat((uint16_t)((bits & 0x80) << 8 | (bits & 0x7F) << 7)), 256.0f);
        return (bits & 0x7F) == 0x7F ? __uint_as_float(0x7FC00000) : x;
    }
    // Values past 464 round to the code of NaN on their own; NaN has the largest magnitude of all.
    SP_DEVICE uint32_t encode(float x) {
        uint32_t b = __float_as_uint(x);
        uint32_t magnitude = (b & 0x7FFFFFFF) < 0x43F00000u ? roundMagnitude<3, 7>(x) : 0x7F;
        return magnitude == 0x7F ? 0x7F : (b >> 24 & 0x80) | magnitude;
    }
};

// Rounds to odd: truncates, and sets the last bit if anything was cut off, so that a second rounding to a narrower type
// is correct (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
SP_DEVICE float narrowToOdd(double x) {
    float f = __double2float_rn(x);
    double back = (double)f;
    if (x == x && back != x) {
        uint32_t b = __float_as_uint(f);
        // An infinity from overflow steps back to the largest finite value here.
        uint64_t size = (uint64_t)__double_as_longlong(x) & 0x7FFFFFFFFFFFFFFF;
        uint64_t rounded = (uint64_t)__double_as_longlong(back) & 0x7FFFFFFFFFFFFFFF;
        b -= rounded > size;
        f = __uint_as_float(b | 1);
    }
    return f;
}

// The value that T encodes, from an accumulator.
template <class T>
SP_DEVICE auto rounded(float sum) {
    if constexpr (sizeof(typename T::Bits) == 8) {
        return (double)sum;
    } else {
        return sum;
    }
}
template <class T>
SP_DEVICE auto rounded(double sum) {
    if constexpr (sizeof(typename T::Bits) == 8) {
        return sum;
    } else if constexpr (sizeof(typename T::Bits) == 4) {
        return __double2float_rn(sum);
    } else {
        return narrowToOdd(sum);
    }
}

}  // namespace stockpot::cuda

#endif  // STOCKPOT_CUDA_ELEMENTS_CUH
