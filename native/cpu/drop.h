// Dropping elements by rank: the kernels and their arguments.
#ifndef STOCKPOT_DROP_H
#define STOCKPOT_DROP_H

#include <stdint.h>

namespace stockpot {

// One call of sp_drop; stockpot.h says what the fields mean.
struct DropCall {
    char* values;
    bool wide;  // F64, else F32
    float* random;
    int64_t rows, rowLength;
    double density, epsilon;
    // For each element of a row:
    int32_t* patterns;
    float* chances;  // by rank
    uint16_t* bins;
    int32_t* unsure;
    uint64_t* keys;
    double* sums;
};

// They return how many elements are left.
namespace scalar {
int64_t drop(const DropCall& call);
}  // namespace scalar
namespace avx2 {
int64_t drop(const DropCall& call);
}  // namespace avx2
namespace avx512 {
int64_t drop(const DropCall& call);
}  // namespace avx512

// Sorts keys. Not in the kernels: the standard library's code must be that of every processor.
void sortKeys(uint64_t* keys, int64_t count);

}  // namespace stockpot

#endif  // STOCKPOT_DROP_H
