// What is done once about results that are infinite or not numbers: they are noticed, and NaNs are made the same.
// Compiled once for each instruction set, like the kernels that call it: define SP_TARGET as its namespace first.
#ifndef STOCKPOT_SETTLE_INL
#define STOCKPOT_SETTLE_INL

#include <stdint.h>

#include "kernels.h"

namespace stockpot::SP_TARGET {

// The bits of infinity and of the one NaN of a result. E4M3 has no infinity.
struct NotFinite {
    uint64_t infinity, nan;
};
constexpr NotFinite kNotFinite[] = {{0x7FF0000000000000, 0x7FF8000000000000},
                                    {0x7F800000, 0x7FC00000},
                                    {0x7C00, 0x7E00},
                                    {0x7F80, 0x7FC0},
                                    {0x7C, 0x7E},
                                    {0x7F, 0x7F}};

// Whether all of some elements are finite; makes every NaN the same.
template <class Bits>
bool settle(const NotFinite& type, char* p, int64_t elements) {
    constexpr Bits kMagnitude = (Bits) ~(Bits)0 >> 1;
    bool finite = true;
    for (int64_t i = 0; i < elements; i++) {
        Bits bits;
        __builtin_memcpy(&bits, p + i * sizeof bits, sizeof bits);
        Bits magnitude = bits & kMagnitude;
        finite &= magnitude < type.infinity;
        const Bits nan = (Bits)type.nan;
        if (magnitude > type.infinity || magnitude == nan) __builtin_memcpy(p + i * sizeof bits, &nan, sizeof bits);
    }
    return finite;
}

[[gnu::noinline]] inline bool settle(int dtype, char* p, int64_t elements) {
    const NotFinite& type = kNotFinite[dtype];
    switch (dtypeBytes(dtype)) {
        case 8:
            return settle<uint64_t>(type, p, elements);
        case 4:
            return settle<uint32_t>(type, p, elements);
        case 2:
            return settle<uint16_t>(type, p, elements);
        default:
            return settle<uint8_t>(type, p, elements);
    }
}

}  // namespace stockpot::SP_TARGET

#endif  // STOCKPOT_SETTLE_INL
