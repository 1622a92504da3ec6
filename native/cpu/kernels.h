// The kernels and their arguments.
#ifndef STOCKPOT_KERNELS_H
#define STOCKPOT_KERNELS_H

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
    bool pastCaches;
};

// One call of sp_dot; stockpot.h says what the fields mean.
struct DotCall {
    const char* vector;
    int vectorDtype;
    int64_t elements;
    const int64_t* sources;
    const int32_t* sourceDtypes;
    int count;
    double* sums;
};

// Elements that go through all steps of a formula at a time.
static constexpr int kFormulaBlock = 512;

// One call of sp_compute; stockpot.h says what the fields mean.
struct FormulaCall {
    bool wide;
    const int32_t* code;
    int steps, registers;
    const double* constants;
    int constantCount;
    const int64_t* numbers;
    const double* tables;
    const int64_t* tableShapes;
    const int64_t* sources;
    const int32_t* sourceDtypes;
    int count;
    char* out;
    int outDtype;
    int64_t first, elements;
    // Whether out, which begins with a cache line then, is best stored past the caches.
    bool pastCaches;
    double* sums;
    int sumCount;
    int64_t* counts;
    char* scratch;  // Aligned to 64 bytes.

    int64_t scratchBytes() const {
        return ((int64_t)sumCount * 32 + (int64_t)(registers + constantCount) * kFormulaBlock) * 8 +
               (int64_t)steps * 128;
    }
};

// mix and run return whether all results are finite.
namespace scalar {
bool mix(const MixCall& call);
void dot(const DotCall& call);
bool run(const FormulaCall& call);
}  // namespace scalar
namespace avx2 {
bool mix(const MixCall& call);
void dot(const DotCall& call);
bool run(const FormulaCall& call);
}  // namespace avx2
namespace avx512 {
bool mix(const MixCall& call);
void dot(const DotCall& call);
bool run(const FormulaCall& call);
}  // namespace avx512

// Bytes that an element of a type takes. Static: each instruction set's build has its own.
static constexpr int dtypeBytes(int dtype) {
    constexpr int kBytes[] = {8, 4, 2, 2, 1, 1};
    return kBytes[dtype];
}

}  // namespace stockpot

#endif  // STOCKPOT_KERNELS_H
