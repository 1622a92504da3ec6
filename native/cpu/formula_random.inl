// Random numbers of formulas, compiled once for each instruction set.
#include "formula_blocks.inl"

namespace stockpot::SP_TARGET {

// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): the words of a group's number
// are those of four elements.
constexpr uint32_t kPhiloxM0 = 0xD2511F53, kPhiloxM1 = 0xCD9E8D57, kPhiloxW0 = 0x9E3779B9, kPhiloxW1 = 0xBB67AE85;

SP_INLINE void philox(uint64_t key, uint32_t stream, uint64_t group, uint32_t words[4]) {
    uint32_t x[] = {(uint32_t)group, (uint32_t)(group >> 32), stream, 0};
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++, k0 += kPhiloxW0, k1 += kPhiloxW1) {
        const uint64_t p0 = (uint64_t)kPhiloxM0 * x[0], p1 = (uint64_t)kPhiloxM1 * x[2];
        const uint32_t next[] = {(uint32_t)(p1 >> 32) ^ x[1] ^ k0, (uint32_t)p1, (uint32_t)(p0 >> 32) ^ x[3] ^ k1,
                                 (uint32_t)p0};
        for (int k = 0; k < 4; k++) x[k] = next[k];
    }
    for (int k = 0; k < 4; k++) words[k] = x[k];
}

#if SP_LANES > 1
SP_INLINE void store(float* p, F x) { storeAcc(p, x); }
SP_INLINE void store(double* p, F x) { storeAcc(p, widen(x)); }

// A group for each lane. The groups' numbers differ in their lower 32 bits alone.
template <class T>
SP_INLINE void randomGroups(T* to, uint64_t key, uint32_t stream, uint64_t group) {
    I x[] = {addI(splatI((uint32_t)group), loadI(kTurns)), splatI((uint32_t)(group >> 32)), splatI(stream), splatI(0)};
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++, k0 += kPhiloxW0, k1 += kPhiloxW1) {
        I hi0, lo0, hi1, lo1;
        multiply(x[0], kPhiloxM0, hi0, lo0);
        multiply(x[2], kPhiloxM1, hi1, lo1);
        x[0] = xorI(hi1, x[1], splatI(k0));
        x[1] = lo1;
        x[2] = xorI(hi0, x[3], splatI(k1));
        x[3] = lo0;
    }
    inTurn(x);
    for (int k = 0; k < 4; k++) store(to + k * kLanes, shares(x[k]));
}
#endif

template <class T>
SP_INLINE void randomBlock(T* to, uint64_t key, uint32_t stream, uint64_t index, int elements) {
    int i = 0;
#if SP_LANES > 1
    constexpr int kStep = 4 * kLanes;
    for (; index % kStep == 0 && i + kStep <= elements; i += kStep) randomGroups(to + i, key, stream, (index + i) / 4);
#endif
    while (i < elements) {
        uint32_t words[4];
        philox(key, stream, (index + i) / 4, words);
        for (int k = (int)((index + i) % 4); k < 4 && i < elements; k++, i++)
            to[i] = (T)(int32_t)(words[k] >> 8) * (T)0x1p-24;
    }
}

}  // namespace stockpot::SP_TARGET
