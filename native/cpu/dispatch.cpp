// Which kernels this processor can run, and the call into one of them under the guard.
#include <stdlib.h>

#include <initializer_list>

#include "../io/guard.h"
#include "jit/compiled.h"
#include "kernels.h"
#include "stockpot.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace {

#if defined(__x86_64__)
bool has(unsigned registerValue, int bit) { return registerValue >> bit & 1; }

// What the operating system saves when it switches threads: vector registers that it does not save must not be used.
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

bool run(int isa, const stockpot::MixCall& call) {
#if defined(__x86_64__)
    if (isa == SP_AVX512) return stockpot::avx512::mix(call);
    if (isa == SP_AVX2) return stockpot::avx2::mix(call);
#endif
    (void)isa;
    return stockpot::scalar::mix(call);
}

void run(int isa, const stockpot::DotCall& call) {
#if defined(__x86_64__)
    if (isa == SP_AVX512) return stockpot::avx512::dot(call);
    if (isa == SP_AVX2) return stockpot::avx2::dot(call);
#endif
    (void)isa;
    stockpot::scalar::dot(call);
}

bool run(int isa, const stockpot::FormulaCall& call) {
#if defined(__x86_64__)
    if (isa == SP_AVX512) return stockpot::avx512::run(call);
    if (isa == SP_AVX2) return stockpot::avx2::run(call);
#endif
    (void)isa;
    return stockpot::scalar::run(call);
}

// A thread's scratch memory for formulas, which grows to what the largest of them takes and goes with the thread.
struct Scratch {
    char* memory = nullptr;
    int64_t bytes = 0;

    ~Scratch() { free(memory); }

    char* atLeast(int64_t needed) {
        if (needed > bytes) {
            free(memory);
            memory = (char*)aligned_alloc(64, (size_t)(needed + 63) / 64 * 64);
            bytes = memory ? needed : 0;
        }
        return memory;
    }
};
thread_local Scratch scratch;

bool holds(sp_address start, int dtype, int64_t elements, uintptr_t address) {
    return address - (uintptr_t)start < (uint64_t)elements * stockpot::dtypeBytes(dtype);
}

// Of memory that has failed the system tells the page, which may begin before an operand.
bool touches(sp_address start, int dtype, int64_t elements, uintptr_t address) {
    constexpr uint64_t kPage = 4096;
    const uintptr_t first = (uintptr_t)start / kPage * kPage;
    return address - first < (uintptr_t)start - first + (uint64_t)elements * stockpot::dtypeBytes(dtype);
}

template <class Call>
int faultingSource(const Call& call, uintptr_t address) {
    for (auto where : {holds, touches}) {
        for (int k = 0; k < call.count; k++) {
            if (where(call.sources[k], call.sourceDtypes[k], call.elements, address)) return k + 1;
        }
    }
    return SP_FAULT_UNKNOWN;
}

}  // namespace

int sp_detect_isa() { return detect(); }

int sp_mix(int isa, sp_address out, int out_dtype, int64_t elements, const sp_address* sources,
           const int32_t* source_dtypes, int count, const double* weights, double divisor, int past_caches) {
    const stockpot::MixCall call = {(char*)out, out_dtype, elements, sources,         source_dtypes,
                                    count,      weights,   divisor,  past_caches != 0};
    uintptr_t fault;
    bool finite = false;
    if (stockpot::guarded([&] { finite = run(isa, call); }, &fault)) return finite ? 0 : SP_NOT_FINITE;
    return faultingSource(call, fault);
}

int sp_compiles(int isa) {
#if defined(__x86_64__)
    return isa == SP_AVX512 && stockpot::jit::allowed();
#else
    (void)isa;
    return 0;
#endif
}

int sp_compute(int isa, int wide, const int32_t* code, int steps, int registers, const double* constants,
               int constant_count, const int64_t* numbers, const double* tables, const int64_t* table_shapes,
               const sp_address* sources, const int32_t* source_dtypes, int count, sp_address out, int out_dtype,
               int past_caches, int64_t first, int64_t elements, double* sums, int sum_count, int64_t* counts) {
    const bool pastCaches = past_caches && out % 64 == 0;
    stockpot::FormulaCall call = {wide != 0,  code,      steps,        registers, constants,     constant_count,
                                  numbers,    tables,    table_shapes, sources,   source_dtypes, count,
                                  (char*)out, out_dtype, first,        elements,  pastCaches,    sums,
                                  sum_count,  counts,    nullptr};
    call.scratch = scratch.atLeast(call.scratchBytes());
    if (!call.scratch && call.scratchBytes() > 0) return SP_NO_MEMORY;
    uintptr_t fault;
    bool finite = true;
    if (stockpot::guarded([&] { finite = run(isa, call); }, &fault)) return finite ? 0 : SP_NOT_FINITE;
    return faultingSource(call, fault);
}

int sp_dot(int isa, sp_address vector, int vector_dtype, int64_t elements, const sp_address* sources,
           const int32_t* source_dtypes, int count, double* sums) {
    const stockpot::DotCall call = {(const char*)vector, vector_dtype, elements, sources, source_dtypes, count, sums};
    uintptr_t fault;
    if (stockpot::guarded([&] { run(isa, call); }, &fault)) return 0;
    if (holds(vector, vector_dtype, elements, fault)) return SP_FAULT_VECTOR;
    const int source = faultingSource(call, fault);
    return source == SP_FAULT_UNKNOWN && touches(vector, vector_dtype, elements, fault) ? SP_FAULT_VECTOR : source;
}
