// Random numbers of formulas, compiled once for each instruction set.
#include "formula_blocks.inl"

namespace stockpot::SP_TARGET {

// Philox4x32-7 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
constexpr uint32_t kPhiloxM0 = 0xD2511F53, kPhiloxM1 = 0xCD9E8D57, kPhiloxW0 = 0x9E3779B9, kPhiloxW1 = 0xBB67AE85;

// Its counters: a group's number, and what all groups of a call share.
struct Counters {
    uint64_t key;
    uint32_t stream, half;
};

SP_INLINE void philox(const Counters& c, uint64_t group, uint32_t words[4]) {
    uint32_t x[] = {(uint32_t)group, (uint32_t)(group >> 32), c.stream, c.half};
    uint32_t k0 = (uint32_t)c.key, k1 = (uint32_t)(c.key >> 32);
    for (int round = 0; round < 7; round++, k0 += kPhiloxW0, k1 += kPhiloxW1) {
        const uint64_t p0 = (uint64_t)kPhiloxM0 * x[0], p1 = (uint64_t)kPhiloxM1 * x[2];
        const uint32_t next[] = {(uint32_t)(p1 >> 32) ^ x[1] ^ k0, (uint32_t)p1, (uint32_t)(p0 >> 32) ^ x[3] ^ k1,
                                 (uint32_t)p0};
        for (int k = 0; k < 4; k++) x[k] = next[k];
    }
    for (int k = 0; k < 4; k++) words[k] = x[k];
}

#if SP_LANES > 1
// A group for each lane. The groups' numbers differ in their lower 32 bits alone.
SP_INLINE void philoxLanes(const Counters& c, uint64_t group, uint32_t* words) {
    I x[] = {addI(splatI((uint32_t)group), loadI(kTurns)), splatI((uint32_t)(group >> 32)), splatI(c.stream),
             splatI(c.half)};
    uint32_t k0 = (uint32_t)c.key, k1 = (uint32_t)(c.key >> 32);
#pragma GCC unroll 7
    for (int round = 0; round < 7; round++, k0 += kPhiloxW0, k1 += kPhiloxW1) {
        I hi0, lo0, hi1, lo1;
        multiply(x[0], kPhiloxM0, hi0, lo0);
        multiply(x[2], kPhiloxM1, hi1, lo1);
        x[0] = xorI(hi1, x[1], splatI(k0));
        x[1] = lo1;
        x[2] = xorI(hi0, x[3], splatI(k1));
        x[3] = lo0;
    }
    inTurn(x);
    for (int k = 0; k < 4; k++) storeI(words + k * kLanes, x[k]);
}
#endif

// The words of some groups; there is room for those of kLanes more.
inline void philoxWords(const Counters& c, uint64_t group, int groups, uint32_t* words) {
    int g = 0;
#if SP_LANES > 1
    for (; g < groups && (uint32_t)(group + g) <= UINT32_MAX - kLanes; g += kLanes) {
        philoxLanes(c, group + g, words + 4 * g);
    }
#endif
    for (; g < groups; g++) philox(c, group + g, words + 4 * g);
}

// Numbers of 24 bits: 16 of those that eight elements share, then 8 of those that sixteen share.
template <class T>
void randomBlock(T* to, uint64_t key, uint32_t stream, uint64_t index, int elements) {
    constexpr int kSixteens = kFormulaBlock / 16 + 1;
    alignas(64) uint32_t upper[(2 * kSixteens + kLanes) * 4], lower[(kSixteens + kLanes) * 4];
    const int skipped = (int)(index % 16), sixteens = (skipped + elements + 15) / 16;
    philoxWords({key, stream, 0}, index / 16 * 2, 2 * sixteens, upper);
    philoxWords({key, stream, 1}, index / 16, sixteens, lower);
    const char *words = (const char*)upper + 2 * skipped, *bytes = (const char*)lower + skipped;
    for (int i = 0; i < elements; i++) {
        uint16_t word;
        __builtin_memcpy(&word, words + 2 * i, 2);
        to[i] = (T)(int32_t)((uint32_t)word << 8 | (uint8_t)bytes[i]) * (T)0x1p-24;
    }
}

}  // namespace stockpot::SP_TARGET
