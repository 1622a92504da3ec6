// The plain read that soups are measured against.
#ifndef STOCKPOT_PLAIN_READ_H
#define STOCKPOT_PLAIN_READ_H

#include <stddef.h>
#include <stdint.h>

// A touched page brings in the cached pages around it, 64 KiB by the system's default.
constexpr size_t kFaultAround = 64 << 10;

// A word at any address.
using Word = uint64_t __attribute__((aligned(1), may_alias));

// Brings in the pages of a mapping and reads each word once; using the result keeps the read from being optimized away.
inline uint64_t readMapped(const char* from, size_t bytes) {
    for (size_t k = 0; k < bytes; k += kFaultAround) (void)*(const volatile char*)(from + k);
    uint64_t sum[8] = {};
    const Word* words = (const Word*)from;
    for (size_t k = 0; k + 8 <= bytes / 8; k += 8) {
        for (int lane = 0; lane < 8; lane++) sum[lane] ^= words[k + lane];
    }
    return sum[0] ^ sum[1] ^ sum[2] ^ sum[3] ^ sum[4] ^ sum[5] ^ sum[6] ^ sum[7];
}

#endif  // STOCKPOT_PLAIN_READ_H
