// The vector operations of the kernels for AVX-512 (F, BW, VL, DQ); simd_scalar.h says what each computes.
#ifndef STOCKPOT_SIMD_AVX512_H
#define STOCKPOT_SIMD_AVX512_H

#include <immintrin.h>
#include <stdint.h>

#include "store_past.h"

#define SP_INLINE static inline __attribute__((always_inline))

namespace stockpot::avx512 {

#define SP_LANES 16
constexpr int kLanes = SP_LANES;
using F = __m512;
using I = __m512i;
struct D {
    __m512d lo, hi;
};

SP_INLINE I splatI(uint32_t x) { return _mm512_set1_epi32((int)x); }
SP_INLINE I bits(F x) { return _mm512_castps_si512(x); }
SP_INLINE F fromBits(I x) { return _mm512_castsi512_ps(x); }

SP_INLINE void prefetch(const char* p) { _mm_prefetch(p, _MM_HINT_T1); }

SP_INLINE F splatF(float x) { return _mm512_set1_ps(x); }
SP_INLINE F loadAccF(const float* p) { return _mm512_load_ps(p); }
SP_INLINE void storeAcc(float* p, F x) { _mm512_store_ps(p, x); }
SP_INLINE F add(F a, F b) { return _mm512_add_ps(a, b); }
SP_INLINE F mul(F a, F b) { return _mm512_mul_ps(a, b); }
SP_INLINE F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
SP_INLINE F div(F a, F b) { return _mm512_div_ps(a, b); }

SP_INLINE D splatD(double x) { return {_mm512_set1_pd(x), _mm512_set1_pd(x)}; }
SP_INLINE D loadAccD(const double* p) { return {_mm512_load_pd(p), _mm512_load_pd(p + 8)}; }
SP_INLINE void storeAcc(double* p, D x) {
    _mm512_store_pd(p, x.lo);
    _mm512_store_pd(p + 8, x.hi);
}
SP_INLINE D add(D a, D b) { return {_mm512_add_pd(a.lo, b.lo), _mm512_add_pd(a.hi, b.hi)}; }
SP_INLINE D mul(D a, D b) { return {_mm512_mul_pd(a.lo, b.lo), _mm512_mul_pd(a.hi, b.hi)}; }
SP_INLINE D fma(D a, D b, D c) { return {_mm512_fmadd_pd(a.lo, b.lo, c.lo), _mm512_fmadd_pd(a.hi, b.hi, c.hi)}; }
SP_INLINE D div(D a, D b) { return {_mm512_div_pd(a.lo, b.lo), _mm512_div_pd(a.hi, b.hi)}; }

SP_INLINE F join(__m256 lo, __m256 hi) { return _mm512_insertf32x8(_mm512_castps256_ps512(lo), hi, 1); }
SP_INLINE I addI(I x, I y) { return _mm512_add_epi32(x, y); }
SP_INLINE I xorI(I x, I y, I z) { return _mm512_ternarylogic_epi32(x, y, z, 0x96); }
// The upper and lower halves of products of 32 bits.
SP_INLINE void multiply(I x, uint32_t by, I& hi, I& lo) {
    const I m = splatI(by);
    const I even = _mm512_mul_epu32(x, m), odd = _mm512_mul_epu32(_mm512_srli_epi64(x, 32), m);
    hi = _mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB);
    lo = _mm512_mask_shuffle_epi32(even, 0xAAAA, odd, _MM_PERM_CCAA);
}
// The lanes of four vectors in turn, if their lanes are in the order of kTurns.
constexpr uint32_t kTurns[] = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
SP_INLINE I loadI(const uint32_t* p) { return _mm512_loadu_si512(p); }
SP_INLINE void storeI(uint32_t* p, I x) { _mm512_storeu_si512(p, x); }
SP_INLINE void inTurn(I x[4]) {
    const I a = _mm512_unpacklo_epi32(x[0], x[1]), b = _mm512_unpackhi_epi32(x[0], x[1]);
    const I c = _mm512_unpacklo_epi32(x[2], x[3]), d = _mm512_unpackhi_epi32(x[2], x[3]);
    x[0] = _mm512_unpacklo_epi64(a, c);
    x[1] = _mm512_unpackhi_epi64(a, c);
    x[2] = _mm512_unpacklo_epi64(b, d);
    x[3] = _mm512_unpackhi_epi64(b, d);
}

SP_INLINE D loadWide(const float* p) {
    return {_mm512_cvtps_pd(_mm256_load_ps(p)), _mm512_cvtps_pd(_mm256_load_ps(p + 8))};
}
SP_INLINE D widen(F x) {
    return {_mm512_cvtps_pd(_mm512_castps512_ps256(x)), _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1))};
}
SP_INLINE F narrow(D x) { return join(_mm512_cvtpd_ps(x.lo), _mm512_cvtpd_ps(x.hi)); }
SP_INLINE F narrowToOdd(D x) {
    F f = narrow(x);
    D back = widen(f);
    // Ordered comparisons: NaN stays as it is.
    __mmask16 inexact = (__mmask16)(_mm512_cmp_pd_mask(back.lo, x.lo, _CMP_NEQ_OQ) |
                                    _mm512_cmp_pd_mask(back.hi, x.hi, _CMP_NEQ_OQ) << 8);
    __mmask16 away = (__mmask16)(_mm512_cmp_pd_mask(_mm512_abs_pd(back.lo), _mm512_abs_pd(x.lo), _CMP_GT_OQ) |
                                 _mm512_cmp_pd_mask(_mm512_abs_pd(back.hi), _mm512_abs_pd(x.hi), _CMP_GT_OQ) << 8);
    I b = _mm512_mask_sub_epi32(bits(f), away, bits(f), splatI(1));
    return fromBits(_mm512_mask_or_epi32(b, inexact, b, splatI(1)));
}

SP_INLINE __m256i load256(const char* p) { return _mm256_loadu_si256((const __m256i*)p); }
SP_INLINE __m256i load8To16(const char* p) { return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i*)p)); }

SP_INLINE D decodeF64(const char* p) { return {_mm512_loadu_pd(p), _mm512_loadu_pd(p + 64)}; }
SP_INLINE F decodeF32(const char* p) { return _mm512_loadu_ps(p); }
SP_INLINE F decodeF16(const char* p) { return _mm512_cvtph_ps(load256(p)); }
SP_INLINE F decodeBF16(const char* p) { return fromBits(_mm512_slli_epi32(_mm512_cvtepu16_epi32(load256(p)), 16)); }
SP_INLINE F decodeE5M2(const char* p) { return _mm512_cvtph_ps(_mm256_slli_epi16(load8To16(p), 8)); }
SP_INLINE F decodeE4M3(const char* p) {
    __m256i b = load8To16(p);
    __m256i sign = _mm256_slli_epi16(_mm256_and_si256(b, _mm256_set1_epi16(0x80)), 8);
    __m256i magnitude = _mm256_slli_epi16(_mm256_and_si256(b, _mm256_set1_epi16(0x7F)), 7);
    F f = _mm512_mul_ps(_mm512_cvtph_ps(_mm256_or_si256(sign, magnitude)), splatF(256));
    __mmask16 nan = _mm512_cmp_ps_mask(_mm512_abs_ps(f), splatF(480), _CMP_EQ_OQ);
    return _mm512_mask_mov_ps(f, nan, fromBits(splatI(0x7FC00000)));
}

// Of 64-bit lanes the upper halves decide: a maximum of whole ones takes longer.
using Largest = I;
template <int kBytes>
SP_INLINE void note(Largest& largest, I elements) {
    if constexpr (kBytes == 1) {
        largest = _mm512_max_epu8(largest, _mm512_and_si512(elements, _mm512_set1_epi8(0x7F)));
    } else if constexpr (kBytes == 2) {
        largest = _mm512_max_epu16(largest, _mm512_and_si512(elements, _mm512_set1_epi16(0x7FFF)));
    } else {
        I mask = kBytes == 4 ? splatI(0x7FFFFFFF) : _mm512_set1_epi64(0x7FFFFFFF00000000);
        largest = _mm512_max_epu32(largest, _mm512_and_si512(elements, mask));
    }
}
template <int kBytes>
SP_INLINE void put(char* p, I elements, Largest& largest) {
    note<kBytes>(largest, elements);
    _mm512_storeu_si512(p, elements);
}

SP_INLINE void encodeF64(char* p, D x, Largest& largest) {
    put<8>(p, _mm512_castpd_si512(x.lo), largest);
    put<8>(p + 64, _mm512_castpd_si512(x.hi), largest);
}
SP_INLINE void encodeF32(char* p, F x, Largest& largest) { put<4>(p, bits(x), largest); }
SP_INLINE void encodeF16(char* p, F x, Largest& largest) {
    __m256i h = _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    note<2>(largest, _mm512_zextsi256_si512(h));
    _mm256_storeu_si256((__m256i*)p, h);
}
// BF16 in the upper half of each lane; the lower half is left over from the rounding. A NaN that is none in BF16, its
// upper half alone, might become anything.
SP_INLINE I roundBF16(F x) {
    I b = bits(x);
    I odd = _mm512_and_si512(_mm512_srli_epi32(b, 16), splatI(1));
    return _mm512_add_epi32(_mm512_add_epi32(b, splatI(0x7FFF)), odd);
}
SP_INLINE void encodeBF16(char* p, F x, Largest& largest) {
    F quiet = _mm512_mask_mov_ps(x, _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q), fromBits(splatI(0x7FC00000)));
    I b = _mm512_srli_epi32(roundBF16(quiet), 16);
    note<2>(largest, b);
    _mm256_storeu_si256((__m256i*)p, _mm512_cvtepi32_epi16(b));
}

// The patterns that ranks go by: of magnitudes as F32, with one for every NaN.
SP_INLINE I patterns(F x) {
    const I p = _mm512_and_si512(bits(x), splatI(0x7FFFFFFF));
    return _mm512_mask_mov_epi32(p, _mm512_cmpgt_epu32_mask(p, splatI(0x7F800000)), splatI(0x7FC00000));
}
// Writes which of `number` ranges of 2^shift patterns the lanes are in, of those that are in one; returns how many.
SP_INLINE int binsOf(uint32_t* to, I pattern, uint32_t from, int shift, uint32_t number) {
    const I bin = _mm512_srl_epi32(_mm512_sub_epi32(pattern, splatI(from)), _mm_cvtsi32_si128(shift));
    const __mmask16 in = _mm512_cmplt_epu32_mask(bin, splatI(number));
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(in, bin));
    return __builtin_popcount(in);
}
// How many lanes are in the range.
SP_INLINE int countOf(I pattern, uint32_t from, int shift) {
    const I bin = _mm512_srl_epi32(_mm512_sub_epi32(pattern, splatI(from)), _mm_cvtsi32_si128(shift));
    return __builtin_popcount(_mm512_testn_epi32_mask(bin, bin));
}

template <int kFraction, int kBias>
SP_INLINE I roundMagnitude(F x) {
    constexpr int kShift = 23 - kFraction;
    const I magic = splatI((uint32_t)(127 - kBias + kShift + 1) << 23);
    I b = _mm512_and_si512(bits(x), splatI(0x7FFFFFFF));
    I subnormal = _mm512_sub_epi32(bits(add(fromBits(b), fromBits(magic))), magic);
    I odd = _mm512_and_si512(_mm512_srli_epi32(b, kShift), splatI(1));
    I bias = splatI(((1u << (kShift - 1)) - 1) - ((uint32_t)(127 - kBias) << 23));
    I normal = _mm512_srli_epi32(_mm512_add_epi32(_mm512_add_epi32(b, bias), odd), kShift);
    __mmask16 small = _mm512_cmplt_epi32_mask(b, splatI((uint32_t)(127 - kBias + 1) << 23));
    return _mm512_mask_mov_epi32(normal, small, subnormal);
}
SP_INLINE I signOf(F x) { return _mm512_and_si512(_mm512_srli_epi32(bits(x), 24), splatI(0x80)); }
SP_INLINE void store8(char* p, I x) { _mm_storeu_si128((__m128i*)p, _mm512_cvtepi32_epi8(x)); }
SP_INLINE void encodeE5M2(char* p, F x, Largest& largest) {
    I e = _mm512_min_epu32(roundMagnitude<2, 15>(x), splatI(0x7C));
    e = _mm512_mask_mov_epi32(e, _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q), splatI(0x7E));
    largest = _mm512_max_epu32(largest, e);
    store8(p, _mm512_or_si512(e, signOf(x)));
}
// Values past 464 round to the code of NaN or beyond on their own.
SP_INLINE void encodeE4M3(char* p, F x, Largest& largest) {
    I e = _mm512_min_epu32(roundMagnitude<3, 7>(x), splatI(0x7F));
    largest = _mm512_max_epu32(largest, e);
    store8(p, _mm512_or_si512(e, signOf(x)));
}

SP_INLINE void decodeBF16Pairs(const char* p, F& even, F& odd) {
    I x = _mm512_loadu_si512(p);
    even = fromBits(_mm512_slli_epi32(x, 16));
    odd = fromBits(_mm512_and_si512(x, splatI(0xFFFF0000)));
}
SP_INLINE void encodeBF16Pairs(char* p, F even, F odd, Largest& largest) {
    I low = _mm512_srli_epi32(roundBF16(even), 16);
    put<2>(p, _mm512_mask_blend_epi16(0xAAAAAAAA, low, roundBF16(odd)), largest);
}

SP_INLINE D decodeWideF32(const char* p) {
    return {_mm512_cvtps_pd(_mm256_loadu_ps((const float*)p)), _mm512_cvtps_pd(_mm256_loadu_ps((const float*)p + 8))};
}
SP_INLINE D decodeSplitBF16(const char* p) {
    __m256i x = load256(p);
    __m256i even = _mm256_slli_epi32(x, 16), odd = _mm256_and_si256(x, _mm256_set1_epi32((int)0xFFFF0000));
    return {_mm512_cvtps_pd(_mm256_castsi256_ps(even)), _mm512_cvtps_pd(_mm256_castsi256_ps(odd))};
}
SP_INLINE D splitPairs(D x) {
    const I even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14), odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
    return {_mm512_permutex2var_pd(x.lo, even, x.hi), _mm512_permutex2var_pd(x.lo, odd, x.hi)};
}
SP_INLINE D joinPairs(D x) {
    const I lo = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), hi = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    return {_mm512_permutex2var_pd(x.lo, lo, x.hi), _mm512_permutex2var_pd(x.lo, hi, x.hi)};
}

SP_INLINE double sumInTree(D x) {
    __m512d eight = _mm512_add_pd(x.lo, x.hi);
    __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(eight), _mm512_extractf64x4_pd(eight, 1));
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(two) + _mm_cvtsd_f64(_mm_unpackhi_pd(two, two));
}

}  // namespace stockpot::avx512

#endif  // STOCKPOT_SIMD_AVX512_H
