// The call into a kernel that measures divergences, under the guard.
#include "divergence.h"

#include "../io/guard.h"
#include "stockpot.h"

namespace {

void run(int isa, const stockpot::DivergenceCall& call) {
#if defined(__x86_64__)
    if (isa == SP_AVX512) return stockpot::avx512::divergence(call);
    if (isa == SP_AVX2) return stockpot::avx2::divergence(call);
#endif
    (void)isa;
    stockpot::scalar::divergence(call);
}

}  // namespace

int sp_divergence(int isa, sp_address model, sp_address base, int64_t rows, int64_t row_length, int steps,
                  double* states) {
    const stockpot::DivergenceCall call = {(double*)model, (double*)base, rows, row_length, steps, states};
    uintptr_t fault;
    return stockpot::guarded([&] { run(isa, call); }, &fault) ? 0 : SP_FAULT_UNKNOWN;
}
