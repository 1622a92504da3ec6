// Moves groups of elements between device memory and registers: 16 bytes at a time if a whole group is at a multiple of
// its width; element by element, or byte by byte, if it is not or the operand ends. No other code knows about tails and
// alignment.
#ifndef STOCKPOT_CUDA_GROUPS_CUH
#define STOCKPOT_CUDA_GROUPS_CUH

#include "elements.cuh"

namespace stockpot::cuda {

SP_DEVICE bool isAligned(const char* p, int bytes) { return ((uintptr_t)p & (uintptr_t)(bytes - 1)) == 0; }

template <class Bits>
SP_DEVICE Bits loadElement(const char* p) {
    if (isAligned(p, sizeof(Bits))) return load<Bits>(p);
    uint64_t bits = 0;
#pragma unroll
    for (int b = 0; b < (int)sizeof(Bits); b++) bits |= (uint64_t)load<uint8_t>(p + b) << 8 * b;
    return (Bits)bits;
}

template <class Bits>
SP_DEVICE void storeElement(char* p, Bits bits) {
    if (isAligned(p, sizeof(Bits))) return store<Bits>(p, bits);
#pragma unroll
    for (int b = 0; b < (int)sizeof(Bits); b++) store<uint8_t>(p + b, (uint8_t)((uint64_t)bits >> 8 * b));
}

// Element j of packed words.
template <class Bits>
SP_DEVICE Bits unpack(const uint32_t* words, int j) {
    if constexpr (sizeof(Bits) == 8) {
        return (uint64_t)words[2 * j + 1] << 32 | words[2 * j];
    } else {
        constexpr int kPerWord = 4 / sizeof(Bits);
        return (Bits)(words[j / kPerWord] >> j % kPerWord * 8 * (int)sizeof(Bits));
    }
}

// Puts element j into words that are zero there.
template <class Bits>
SP_DEVICE void pack(uint32_t* words, int j, Bits bits) {
    if constexpr (sizeof(Bits) == 8) {
        words[2 * j] = (uint32_t)bits;
        words[2 * j + 1] = (uint32_t)(bits >> 32);
    } else {
        constexpr int kPerWord = 4 / sizeof(Bits);
        words[j / kPerWord] |= (uint32_t)bits << j % kPerWord * 8 * (int)sizeof(Bits);
    }
}

template <int kBytes>
constexpr int kWidth = kBytes < 16 ? kBytes : 16;

template <int kBytes>
SP_DEVICE void loadWords(const char* p, uint32_t* words) {
    if constexpr (kBytes == 8) {
        uint2 v = load<uint2>(p);
        words[0] = v.x;
        words[1] = v.y;
    } else {
#pragma unroll
        for (int k = 0; k < kBytes / 16; k++) {
            uint4 v = load<uint4>(p + 16 * k);
            words[4 * k] = v.x;
            words[4 * k + 1] = v.y;
            words[4 * k + 2] = v.z;
            words[4 * k + 3] = v.w;
        }
    }
}

template <int kBytes>
SP_DEVICE void storeWords(char* p, const uint32_t* words) {
    if constexpr (kBytes == 8) {
        store<uint2>(p, uint2{words[0], words[1]});
    } else {
#pragma unroll
        for (int k = 0; k < kBytes / 16; k++) {
            store<uint4>(p + 16 * k, uint4{words[4 * k], words[4 * k + 1], words[4 * k + 2], words[4 * k + 3]});
        }
    }
}

// The first `valid` of a group's elements, as Acc, followed by zeros.
template <class T, class Acc, int kGroup>
SP_DEVICE void loadGroup(const char* p, int valid, Acc (&x)[kGroup]) {
    using Bits = typename T::Bits;
    constexpr int kBytes = kGroup * (int)sizeof(Bits);
    static_assert(kBytes % 8 == 0);
    if (valid == kGroup && isAligned(p, kWidth<kBytes>)) {
        uint32_t words[kBytes / 4];
        loadWords<kBytes>(p, words);
#pragma unroll
        for (int j = 0; j < kGroup; j++) x[j] = (Acc)T::decode(unpack<Bits>(words, j));
    } else {
#pragma unroll
        for (int j = 0; j < kGroup; j++) {
            x[j] = j < valid ? (Acc)T::decode(loadElement<Bits>(p + j * (int)sizeof(Bits))) : (Acc)0;
        }
    }
}

// Rounds one value to T. Returns whether it is finite.
template <class T, class Acc>
SP_DEVICE bool storeRounded(char* p, Acc x) {
    using Bits = typename T::Bits;
    constexpr Bits kMagnitude = (Bits)((Bits) ~(Bits)0 >> 1);
    Bits bits = (Bits)T::encode(rounded<T>(x));
    storeElement<Bits>(p, bits);
    return (Bits)(bits & kMagnitude) < T::kInfinity;
}

// Rounds the first `valid` of a group's sums to T. Returns whether they are finite.
template <class T, class Acc, int kGroup>
SP_DEVICE bool storeGroup(char* p, int valid, const Acc (&x)[kGroup]) {
    using Bits = typename T::Bits;
    constexpr int kBytes = kGroup * (int)sizeof(Bits);
    constexpr Bits kMagnitude = (Bits)((Bits) ~(Bits)0 >> 1);
    bool finite = true;
    if (valid == kGroup && isAligned(p, kWidth<kBytes>)) {
        uint32_t words[kBytes / 4] = {};
#pragma unroll
        for (int j = 0; j < kGroup; j++) {
            Bits bits = (Bits)T::encode(rounded<T>(x[j]));
            finite &= (Bits)(bits & kMagnitude) < T::kInfinity;
            pack<Bits>(words, j, bits);
        }
        storeWords<kBytes>(p, words);
    } else {
#pragma unroll
        for (int j = 0; j < kGroup; j++) {
            if (j < valid) finite &= storeRounded<T>(p + j * (int)sizeof(Bits), x[j]);
        }
    }
    return finite;
}

}  // namespace stockpot::cuda

#endif  // STOCKPOT_CUDA_GROUPS_CUH
