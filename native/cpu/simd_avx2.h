// The vector operations of the kernels for AVX2 with F16C and FMA; simd_scalar.h says what each computes.
#ifndef STOCKPOT_SIMD_AVX2_H
#define STOCKPOT_SIMD_AVX2_H

#include <immintrin.h>
#include <stdint.h>

#include "store_past.h"

#define SP_INLINE static inline __attribute__((always_inline))

namespace stockpot::avx2 {

#define SP_LANES 8
constexpr int kLanes = SP_LANES;
using F = __m256;
using I = __m256i;
struct D {
    __m256d lo, hi;
};

SP_INLINE I splatI(uint32_t x) { return _mm256_set1_epi32((int)x); }
SP_INLINE I bits(F x) { return _mm256_castps_si256(x); }
SP_INLINE F fromBits(I x) { return _mm256_castsi256_ps(x); }
SP_INLINE F abs(F x) { return fromBits(_mm256_and_si256(bits(x), splatI(0x7FFFFFFF))); }
SP_INLINE __m256d abs(__m256d x) { return _mm256_andnot_pd(_mm256_set1_pd(-0.0), x); }
SP_INLINE I select(I no, F mask, uint32_t yes) { return _mm256_blendv_epi8(no, splatI(yes), bits(mask)); }

SP_INLINE void prefetch(const char* p) { _mm_prefetch(p, _MM_HINT_T1); }

SP_INLINE F splatF(float x) { return _mm256_set1_ps(x); }
SP_INLINE F loadAccF(const float* p) { return _mm256_load_ps(p); }
SP_INLINE void storeAcc(float* p, F x) { _mm256_store_ps(p, x); }
SP_INLINE F add(F a, F b) { return _mm256_add_ps(a, b); }
SP_INLINE F mul(F a, F b) { return _mm256_mul_ps(a, b); }
SP_INLINE F fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
SP_INLINE F div(F a, F b) { return _mm256_div_ps(a, b); }

SP_INLINE D splatD(double x) { return {_mm256_set1_pd(x), _mm256_set1_pd(x)}; }
SP_INLINE D loadAccD(const double* p) { return {_mm256_load_pd(p), _mm256_load_pd(p + 4)}; }
SP_INLINE void storeAcc(double* p, D x) {
    _mm256_store_pd(p, x.lo);
    _mm256_store_pd(p + 4, x.hi);
}
SP_INLINE D add(D a, D b) { return {_mm256_add_pd(a.lo, b.lo), _mm256_add_pd(a.hi, b.hi)}; }
SP_INLINE D mul(D a, D b) { return {_mm256_mul_pd(a.lo, b.lo), _mm256_mul_pd(a.hi, b.hi)}; }
SP_INLINE D fma(D a, D b, D c) { return {_mm256_fmadd_pd(a.lo, b.lo, c.lo), _mm256_fmadd_pd(a.hi, b.hi, c.hi)}; }
SP_INLINE D div(D a, D b) { return {_mm256_div_pd(a.lo, b.lo), _mm256_div_pd(a.hi, b.hi)}; }

SP_INLINE I addI(I x, I y) { return _mm256_add_epi32(x, y); }
SP_INLINE I xorI(I x, I y, I z) { return _mm256_xor_si256(_mm256_xor_si256(x, y), z); }
// The upper and lower halves of products of 32 bits.
SP_INLINE void multiply(I x, uint32_t by, I& hi, I& lo) {
    const I m = splatI(by);
    const I even = _mm256_mul_epu32(x, m), odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), m);
    hi = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
    lo = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
}
// The lanes of four vectors in turn, if their lanes are in the order of kTurns.
constexpr uint32_t kTurns[] = {0, 2, 4, 6, 1, 3, 5, 7};
SP_INLINE I loadI(const uint32_t* p) { return _mm256_loadu_si256((const __m256i*)p); }
SP_INLINE void storeI(uint32_t* p, I x) { _mm256_storeu_si256((__m256i*)p, x); }
SP_INLINE void inTurn(I x[4]) {
    const I a = _mm256_unpacklo_epi32(x[0], x[1]), b = _mm256_unpackhi_epi32(x[0], x[1]);
    const I c = _mm256_unpacklo_epi32(x[2], x[3]), d = _mm256_unpackhi_epi32(x[2], x[3]);
    x[0] = _mm256_unpacklo_epi64(a, c);
    x[1] = _mm256_unpackhi_epi64(a, c);
    x[2] = _mm256_unpacklo_epi64(b, d);
    x[3] = _mm256_unpackhi_epi64(b, d);
}

SP_INLINE D loadWide(const float* p) { return {_mm256_cvtps_pd(_mm_load_ps(p)), _mm256_cvtps_pd(_mm_load_ps(p + 4))}; }
SP_INLINE D widen(F x) {
    return {_mm256_cvtps_pd(_mm256_castps256_ps128(x)), _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1))};
}
SP_INLINE F narrow(D x) { return _mm256_set_m128(_mm256_cvtpd_ps(x.hi), _mm256_cvtpd_ps(x.lo)); }
// One 32-bit mask lane for each 64-bit one.
SP_INLINE I narrowMask(__m256d lo, __m256d hi) {
    I even = bits(_mm256_shuffle_ps(_mm256_castpd_ps(lo), _mm256_castpd_ps(hi), 0x88));
    return _mm256_permute4x64_epi64(even, 0xD8);
}
SP_INLINE F narrowToOdd(D x) {
    F f = narrow(x);
    D back = widen(f);
    // Ordered comparisons: NaN stays as it is.
    I inexact = narrowMask(_mm256_cmp_pd(back.lo, x.lo, _CMP_NEQ_OQ), _mm256_cmp_pd(back.hi, x.hi, _CMP_NEQ_OQ));
    I away = narrowMask(_mm256_cmp_pd(abs(back.lo), abs(x.lo), _CMP_GT_OQ),
                        _mm256_cmp_pd(abs(back.hi), abs(x.hi), _CMP_GT_OQ));
    // A mask lane is -1: adding it steps back by one.
    I b = _mm256_add_epi32(bits(f), away);
    return fromBits(_mm256_or_si256(b, _mm256_and_si256(inexact, splatI(1))));
}

SP_INLINE __m128i load128(const char* p) { return _mm_loadu_si128((const __m128i*)p); }
SP_INLINE __m128i load8To16(const char* p) { return _mm_cvtepu8_epi16(_mm_loadl_epi64((const __m128i*)p)); }

SP_INLINE D decodeF64(const char* p) {
    return {_mm256_loadu_pd((const double*)p), _mm256_loadu_pd((const double*)(p + 32))};
}
SP_INLINE F decodeF32(const char* p) { return _mm256_loadu_ps((const float*)p); }
SP_INLINE F decodeF16(const char* p) { return _mm256_cvtph_ps(load128(p)); }
SP_INLINE F decodeBF16(const char* p) { return fromBits(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load128(p)), 16)); }
SP_INLINE F decodeE5M2(const char* p) { return _mm256_cvtph_ps(_mm_slli_epi16(load8To16(p), 8)); }
SP_INLINE F decodeE4M3(const char* p) {
    __m128i b = load8To16(p);
    __m128i sign = _mm_slli_epi16(_mm_and_si128(b, _mm_set1_epi16(0x80)), 8);
    __m128i magnitude = _mm_slli_epi16(_mm_and_si128(b, _mm_set1_epi16(0x7F)), 7);
    F f = _mm256_mul_ps(_mm256_cvtph_ps(_mm_or_si128(sign, magnitude)), splatF(256));
    return fromBits(select(bits(f), _mm256_cmp_ps(abs(f), splatF(480), _CMP_EQ_OQ), 0x7FC00000));
}

// There is no maximum of 64-bit lanes; the upper halves decide.
using Largest = I;
template <int kBytes>
SP_INLINE void note(Largest& largest, I elements) {
    if constexpr (kBytes == 1) {
        largest = _mm256_max_epu8(largest, _mm256_and_si256(elements, _mm256_set1_epi8(0x7F)));
    } else if constexpr (kBytes == 2) {
        largest = _mm256_max_epu16(largest, _mm256_and_si256(elements, _mm256_set1_epi16(0x7FFF)));
    } else {
        I mask = kBytes == 4 ? splatI(0x7FFFFFFF) : _mm256_set1_epi64x(0x7FFFFFFF00000000);
        largest = _mm256_max_epu32(largest, _mm256_and_si256(elements, mask));
    }
}
template <int kBytes>
SP_INLINE void put(char* p, I elements, Largest& largest) {
    note<kBytes>(largest, elements);
    _mm256_storeu_si256((I*)p, elements);
}

SP_INLINE void encodeF64(char* p, D x, Largest& largest) {
    put<8>(p, _mm256_castpd_si256(x.lo), largest);
    put<8>(p + 32, _mm256_castpd_si256(x.hi), largest);
}
SP_INLINE void encodeF32(char* p, F x, Largest& largest) { put<4>(p, bits(x), largest); }
SP_INLINE void encodeF16(char* p, F x, Largest& largest) {
    __m128i h = _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    note<2>(largest, _mm256_zextsi128_si256(h));
    _mm_storeu_si128((__m128i*)p, h);
}
// The low 16 bits of each lane; a lane must be below 65536.
SP_INLINE __m128i narrow16(I x) { return _mm_packus_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1)); }
// BF16 in the upper half of each lane; the lower half is left over from the rounding. A NaN that is none in BF16, its
// upper half alone, might become anything.
SP_INLINE I roundBF16(F x) {
    I b = bits(x);
    I odd = _mm256_and_si256(_mm256_srli_epi32(b, 16), splatI(1));
    return _mm256_add_epi32(_mm256_add_epi32(b, splatI(0x7FFF)), odd);
}
SP_INLINE void encodeBF16(char* p, F x, Largest& largest) {
    F quiet = fromBits(select(bits(x), _mm256_cmp_ps(x, x, _CMP_UNORD_Q), 0x7FC00000));
    I b = _mm256_srli_epi32(roundBF16(quiet), 16);
    note<2>(largest, b);
    _mm_storeu_si128((__m128i*)p, narrow16(b));
}

// The patterns that ranks go by: of magnitudes as F32, with one for every NaN.
SP_INLINE I patterns(F x) {
    const I p = _mm256_and_si256(bits(x), splatI(0x7FFFFFFF));
    return _mm256_blendv_epi8(p, splatI(0x7FC00000), _mm256_cmpgt_epi32(p, splatI(0x7F800000)));
}
// Writes which of `number` ranges of 2^shift patterns the lanes are in, of those that are in one; returns how many.
SP_INLINE int binsOf(uint32_t* to, I pattern, uint32_t from, int shift, uint32_t number) {
    const I bin = _mm256_srl_epi32(_mm256_sub_epi32(pattern, splatI(from)), _mm_cvtsi32_si128(shift));
    const I in = _mm256_cmpeq_epi32(_mm256_min_epu32(bin, splatI(number - 1)), bin);
    int mask = _mm256_movemask_ps(_mm256_castsi256_ps(in));
    if (mask == 0) return 0;
    alignas(32) uint32_t lanes[8];
    _mm256_store_si256((__m256i*)lanes, bin);
    int count = 0;
    for (; mask != 0; mask &= mask - 1) to[count++] = lanes[__builtin_ctz((unsigned)mask)];
    return count;
}
// How many lanes are in the range.
SP_INLINE int countOf(I pattern, uint32_t from, int shift) {
    const I bin = _mm256_srl_epi32(_mm256_sub_epi32(pattern, splatI(from)), _mm_cvtsi32_si128(shift));
    const I in = _mm256_cmpeq_epi32(bin, splatI(0));
    return __builtin_popcount((unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(in)));
}

template <int kFraction, int kBias>
SP_INLINE I roundMagnitude(F x) {
    constexpr int kShift = 23 - kFraction;
    const I magic = splatI((uint32_t)(127 - kBias + kShift + 1) << 23);
    I b = bits(abs(x));
    I subnormal = _mm256_sub_epi32(bits(add(fromBits(b), fromBits(magic))), magic);
    I odd = _mm256_and_si256(_mm256_srli_epi32(b, kShift), splatI(1));
    I bias = splatI(((1u << (kShift - 1)) - 1) - ((uint32_t)(127 - kBias) << 23));
    I normal = _mm256_srli_epi32(_mm256_add_epi32(_mm256_add_epi32(b, bias), odd), kShift);
    I small = _mm256_cmpgt_epi32(splatI((uint32_t)(127 - kBias + 1) << 23), b);
    return _mm256_blendv_epi8(normal, subnormal, small);
}
SP_INLINE I signOf(F x) { return _mm256_and_si256(_mm256_srli_epi32(bits(x), 24), splatI(0x80)); }
// The low 8 bits of each lane; a lane must be below 256.
SP_INLINE void store8(char* p, I x) {
    __m128i words = narrow16(x);
    _mm_storel_epi64((__m128i*)p, _mm_packus_epi16(words, words));
}
SP_INLINE void encodeE5M2(char* p, F x, Largest& largest) {
    I e = _mm256_min_epu32(roundMagnitude<2, 15>(x), splatI(0x7C));
    e = select(e, _mm256_cmp_ps(x, x, _CMP_UNORD_Q), 0x7E);
    largest = _mm256_max_epu32(largest, e);
    store8(p, _mm256_or_si256(e, signOf(x)));
}
// Values past 464 round to the code of NaN or beyond on their own.
SP_INLINE void encodeE4M3(char* p, F x, Largest& largest) {
    I e = _mm256_min_epu32(roundMagnitude<3, 7>(x), splatI(0x7F));
    largest = _mm256_max_epu32(largest, e);
    store8(p, _mm256_or_si256(e, signOf(x)));
}

SP_INLINE void decodeBF16Pairs(const char* p, F& even, F& odd) {
    I x = _mm256_loadu_si256((const I*)p);
    even = fromBits(_mm256_slli_epi32(x, 16));
    odd = fromBits(_mm256_and_si256(x, splatI(0xFFFF0000)));
}
SP_INLINE void encodeBF16Pairs(char* p, F even, F odd, Largest& largest) {
    I low = _mm256_srli_epi32(roundBF16(even), 16);
    put<2>(p, _mm256_blend_epi16(low, roundBF16(odd), 0xAA), largest);
}

SP_INLINE D decodeWideF32(const char* p) {
    return {_mm256_cvtps_pd(_mm_loadu_ps((const float*)p)), _mm256_cvtps_pd(_mm_loadu_ps((const float*)p + 4))};
}
SP_INLINE D decodeSplitBF16(const char* p) {
    __m128i x = load128(p);
    __m128i even = _mm_slli_epi32(x, 16), odd = _mm_and_si128(x, _mm_set1_epi32((int)0xFFFF0000));
    return {_mm256_cvtps_pd(_mm_castsi128_ps(even)), _mm256_cvtps_pd(_mm_castsi128_ps(odd))};
}
SP_INLINE D splitPairs(D x) {
    return {_mm256_permute4x64_pd(_mm256_unpacklo_pd(x.lo, x.hi), 0xD8),
            _mm256_permute4x64_pd(_mm256_unpackhi_pd(x.lo, x.hi), 0xD8)};
}
SP_INLINE D joinPairs(D x) {
    __m256d lo = _mm256_unpacklo_pd(x.lo, x.hi), hi = _mm256_unpackhi_pd(x.lo, x.hi);
    return {_mm256_permute2f128_pd(lo, hi, 0x20), _mm256_permute2f128_pd(lo, hi, 0x31)};
}

SP_INLINE double sumInTree(D x) {
    __m256d four = _mm256_add_pd(x.lo, x.hi);
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(two) + _mm_cvtsd_f64(_mm_unpackhi_pd(two, two));
}

}  // namespace stockpot::avx2

#endif  // STOCKPOT_SIMD_AVX2_H
