// Which kernels this processor can run, and the call into one of them under the guard.
#include "../io/guard.h"
#include "mix_kernel.h"
#include "stockpot.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace {

#if defined(__x86_64__)
bool has(unsigned registerValue, int bit) { return registerValue >> bit & 1; }

// What the operating system saves on a switch of threads: without it, vector registers may not be used.
unsigned savedState() {
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

int detect() {
    constexpr unsigned kYmm = 0x06, kZmm = 0xE6;
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return SP_SCALAR;
    bool xsave = has(c, 27), fma = has(c, 12), avx = has(c, 28), f16c = has(c, 29);
    if (!(xsave && fma && avx && f16c) || (savedState() & kYmm) != kYmm) return SP_SCALAR;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !has(b, 5)) return SP_SCALAR;
    bool f = has(b, 16), dq = has(b, 17), bw = has(b, 30), vl = has(b, 31);
    return f && dq && bw && vl && (savedState() & kZmm) == kZmm ? SP_AVX512 : SP_AVX2;
}
#else
int detect() { return SP_SCALAR; }
#endif

void run(int isa, const stockpot::MixCall& call) {
#if defined(__x86_64__)
    if (isa == SP_AVX512) return stockpot::avx512::mix(call);
    if (isa == SP_AVX2) return stockpot::avx2::mix(call);
#endif
    (void)isa;
    stockpot::scalar::mix(call);
}

int faultingSource(const stockpot::MixCall& call, uintptr_t address) {
    for (int k = 0; k < call.count; k++) {
        uintptr_t start = (uintptr_t)call.sources[k];
        if (address - start < (uint64_t)call.elements * stockpot::dtypeBytes(call.sourceDtypes[k])) return k + 1;
    }
    return SP_FAULT_UNKNOWN;
}

}  // namespace

int sp_detect_isa() { return detect(); }

int sp_mix(int isa, sp_address out, int out_dtype, int64_t elements, const sp_address* sources,
           const int32_t* source_dtypes, int count, const double* weights, double divisor) {
    const stockpot::MixCall call = {(char*)out, out_dtype, elements, sources, source_dtypes, count, weights, divisor};
    uintptr_t fault;
    if (stockpot::guarded([&] { run(isa, call); }, &fault)) return 0;
    return faultingSource(call, fault);
}
