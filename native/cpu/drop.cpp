// The call into a kernel that drops elements by rank, under the guard.
#include "drop.h"

#include <algorithm>

#include "../io/guard.h"
#include "stockpot.h"

namespace {

int64_t run(int isa, const stockpot::DropCall& call) {
#if defined(__x86_64__)
    if (isa == SP_AVX512) return stockpot::avx512::drop(call);
    if (isa == SP_AVX2) return stockpot::avx2::drop(call);
#endif
    (void)isa;
    return stockpot::scalar::drop(call);
}

}  // namespace

void stockpot::sortKeys(uint64_t* keys, int64_t count) { std::sort(keys, keys + count); }

int64_t sp_drop(int isa, sp_address values, int dtype, sp_address random, int64_t rows, int64_t row_length,
                double density, double epsilon, const sp_address* room, double* sums) {
    const stockpot::DropCall call = {(char*)values,
                                     dtype == SP_F64,
                                     (float*)random,
                                     rows,
                                     row_length,
                                     density,
                                     epsilon,
                                     (int32_t*)room[0],
                                     (float*)room[0] + row_length,
                                     (uint16_t*)room[1],
                                     (int32_t*)room[1] + row_length,
                                     (uint64_t*)room[2],
                                     sums};
    uintptr_t fault;
    int64_t kept = 0;
    if (stockpot::guarded([&] { kept = run(isa, call); }, &fault)) return kept;
    return SP_FAULT_UNKNOWN;
}
