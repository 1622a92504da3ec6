// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
#ifndef STOCKPOT_CUDA_PHILOX_CUH
#define STOCKPOT_CUDA_PHILOX_CUH

#include "platform.cuh"

namespace stockpot::cuda {

// The word of an element: of the four for its group, which the counter numbers, the one at its place.
SP_DEVICE uint32_t philox(uint64_t key, uint32_t stream, uint64_t index) {
    const uint64_t group = index / 4;
    uint32_t x0 = (uint32_t)group, x1 = (uint32_t)(group >> 32), x2 = stream, x3 = 0;
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)0xD2511F53 * x0, p1 = (uint64_t)0xCD9E8D57 * x2;
        x0 = (uint32_t)(p1 >> 32) ^ x1 ^ k0;
        x1 = (uint32_t)p1;
        x2 = (uint32_t)(p0 >> 32) ^ x3 ^ k1;
        x3 = (uint32_t)p0;
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    const uint32_t low = index % 2 == 0 ? x0 : x1, high = index % 2 == 0 ? x2 : x3;
    return index % 4 < 2 ? low : high;
}

}  // namespace stockpot::cuda

#endif  // STOCKPOT_CUDA_PHILOX_CUH
