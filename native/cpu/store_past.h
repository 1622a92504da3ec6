// Stores that go past the caches, the same for AVX2 and AVX-512: finishPast() orders them before what follows.
#ifndef STOCKPOT_STORE_PAST_H
#define STOCKPOT_STORE_PAST_H

#include <immintrin.h>

namespace stockpot {

// out is a multiple of kBytes, or of a cache line if that is less; ideally from is in registers, not in memory.
template <int kBytes>
static inline __attribute__((always_inline)) void storePast(char* out, const char* from) {
    static_assert(kBytes == 8 || kBytes == 16 || kBytes % 32 == 0, "whole vectors");
    if constexpr (kBytes == 8) {
        _mm_stream_si64((long long*)out, *(const long long*)from);
    } else if constexpr (kBytes == 16) {
        _mm_stream_si128((__m128i*)out, _mm_load_si128((const __m128i*)from));
    } else {
        for (int k = 0; k < kBytes; k += 32) {
            _mm256_stream_si256((__m256i*)(out + k), _mm256_load_si256((const __m256i*)(from + k)));
        }
    }
}
static inline __attribute__((always_inline)) void finishPast() { _mm_sfence(); }

}  // namespace stockpot

#endif  // STOCKPOT_STORE_PAST_H
