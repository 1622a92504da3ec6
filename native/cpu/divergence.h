// Divergences of rows: the kernels and their arguments.
#ifndef STOCKPOT_DIVERGENCE_H
#define STOCKPOT_DIVERGENCE_H

#include <stdint.h>

namespace stockpot {

// One call of sp_divergence; stockpot.h says what the fields mean.
struct DivergenceCall {
    double* x;
    double* y;
    int64_t rows, rowLength;
    int steps;
    double* states;
};

namespace scalar {
void divergence(const DivergenceCall& call);
}  // namespace scalar
namespace avx2 {
void divergence(const DivergenceCall& call);
}  // namespace avx2
namespace avx512 {
void divergence(const DivergenceCall& call);
}  // namespace avx512

}  // namespace stockpot

#endif  // STOCKPOT_DIVERGENCE_H
