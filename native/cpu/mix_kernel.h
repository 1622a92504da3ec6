// What a kernel takes, and the kernels there are.
#ifndef STOCKPOT_MIX_KERNEL_H
#define STOCKPOT_MIX_KERNEL_H

#include <stdint.h>

namespace stockpot {

// One call of sp_mix; stockpot.h says what the fields mean.
struct MixCall {
    char* out;
    int outDtype;
    int64_t elements;
    const int64_t* sources;
    const int32_t* sourceDtypes;
    int count;
    const double* weights;
    double divisor;
};

namespace scalar {
void mix(const MixCall& call);
}
namespace avx2 {
void mix(const MixCall& call);
}
namespace avx512 {
void mix(const MixCall& call);
}

// Bytes an element of a type takes.
constexpr int dtypeBytes(int dtype) {
    constexpr int kBytes[] = {8, 4, 2, 2, 1, 1};
    return kBytes[dtype];
}

}  // namespace stockpot

#endif  // STOCKPOT_MIX_KERNEL_H
