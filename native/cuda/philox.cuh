// Philox4x32-7 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
#ifndef STOCKPOT_CUDA_PHILOX_CUH
#define STOCKPOT_CUDA_PHILOX_CUH

#include "platform.cuh"

namespace stockpot::cuda {

// The words for a counter.
SP_DEVICE void philox(uint64_t key, uint32_t stream, uint32_t half, uint64_t group, uint32_t words[4]) {
    uint32_t x0 = (uint32_t)group, x1 = (uint32_t)(group >> 32), x2 = stream, x3 = half;
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
#pragma unroll
    for (int round = 0; round < 7; round++) {
        const uint64_t p0 = (uint64_t)0xD2511F53 * x0, p1 = (uint64_t)0xCD9E8D57 * x2;
        x0 = (uint32_t)(p1 >> 32) ^ x1 ^ k0;
        x1 = (uint32_t)p1;
        x2 = (uint32_t)(p0 >> 32) ^ x3 ^ k1;
        x3 = (uint32_t)p0;
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    words[0] = x0, words[1] = x1, words[2] = x2, words[3] = x3;
}

// One of four words, without an array that is indexed.
SP_DEVICE uint32_t chosen(const uint32_t words[4], uint32_t k) {
    const uint32_t low = k % 2 == 0 ? words[0] : words[1], high = k % 2 == 0 ? words[2] : words[3];
    return k < 2 ? low : high;
}

// The 24 bits of an element: 16 of those that eight share, then 8 of those that sixteen share.
SP_DEVICE uint32_t randomBits(uint64_t key, uint32_t stream, uint64_t index) {
    uint32_t words[4];
    const uint32_t i = (uint32_t)index;
    philox(key, stream, 0, index / 8, words);
    const uint32_t upper = chosen(words, i % 8 / 2) >> i % 2 * 16 & 0xFFFF;
    philox(key, stream, 1, index / 16, words);
    return upper << 8 | (chosen(words, i % 16 / 4) >> i % 4 * 8 & 0xFF);
}

}  // namespace stockpot::cuda

#endif  // STOCKPOT_CUDA_PHILOX_CUH
