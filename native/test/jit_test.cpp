// Formulas as machine code: where the system forbids to run what was written they give the same results, and a source
// that cannot be read is found. What they compute is compared with plain Java in FormulaKernelsTest.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "stockpot.h"

namespace {

constexpr int64_t kElements = 10000;
constexpr int kTypes[] = {SP_F32, SP_BF16};

int failures = 0;

void expect(bool right, const char* what) {
    if (right) return;
    printf("failed: %s\n", what);
    failures++;
}

// |x - y| where a number for x is below 0.3, else 0; its sum, and that of x * y.
const int32_t kSteps[] = {SP_OP_SOURCE, 0, 0, 0,  0, SP_OP_SOURCE, 1, 1, 0, 0,  SP_OP_DOT,    0, 0, 1, 1,  //
                          SP_OP_SUB,    1, 0, 1,  0, SP_OP_ABS,    1, 1, 0, 0,  SP_OP_RANDOM, 2, 0, 0, 0,  //
                          SP_OP_LESS,   2, 2, ~0, 0, SP_OP_SELECT, 1, 2, 1, ~1, SP_OP_OUT,    0, 1, 0, 0,  //
                          SP_OP_SUM,    0, 1, 0,  0};
const double kConstants[] = {0.3, 0};
const int64_t kNumbers[] = {0x123456789, 2};

struct Result {
    std::vector<float> out = std::vector<float>(kElements);
    double sums[2] = {};
    int answer = 0;

    bool operator==(const Result& other) const {
        return memcmp(out.data(), other.out.data(), kElements * 4) == 0 && answer == other.answer &&
               memcmp(sums, other.sums, sizeof sums) == 0;
    }
};

Result compute(int isa, const void* x, const void* y) {
    Result result;
    const sp_address sources[] = {(sp_address)x, (sp_address)y};
    result.answer = sp_compute(isa, 0, kSteps, 10, 3, kConstants, 2, kNumbers, nullptr, nullptr, sources, kTypes, 2,
                               (sp_address)result.out.data(), SP_F32, 0, 1 << 20, kElements, result.sums, 2, nullptr);
    return result;
}

// In a child that may not run what it writes from some moment on: whether it gets the same as here. The formula may be
// compiled before, and another one after that.
bool sameWithoutCode(int isa, const void* x, const void* y, const Result& expected, bool compiledBefore) {
    constexpr int kMemoryDenyWriteExecute = 65, kRefuseExecGain = 1, kNotKnown = 77;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        if (compiledBefore && !(compute(isa, x, y) == expected)) _exit(1);
        if (prctl(kMemoryDenyWriteExecute, kRefuseExecGain, 0, 0, 0) != 0) _exit(kNotKnown);
        const int32_t other[] = {SP_OP_SOURCE, 0, 0, 0, 0, SP_OP_OUT, 0, 0, 0, 0};
        const sp_address sources[] = {(sp_address)x};
        std::vector<float> out(kElements);
        const int answer = sp_compute(isa, 0, other, 2, 1, nullptr, 0, nullptr, nullptr, nullptr, sources, kTypes, 1,
                                      (sp_address)out.data(), SP_F32, 0, 0, kElements, nullptr, 0, nullptr);
        const bool same = answer == 0 && memcmp(out.data(), x, kElements * 4) == 0;
        _exit(!sp_compiles(isa) && same && compute(isa, x, y) == expected ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == kNotKnown) {
        printf("this system cannot forbid a process to run what it has written: not tested\n");
        return true;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

int main() {
    const int isa = sp_detect_isa();
    char path[] = "jit_test_XXXXXX";
    const int file = mkstemp(path);
    unlink(path);
    expect(file >= 0 && ftruncate(file, kElements * 4) == 0, "a file");
    float* x = (float*)mmap(nullptr, kElements * 4, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    std::vector<uint16_t> y(2 * kElements);  // As F32, too.
    for (int i = 0; i < kElements; i++) {
        x[i] = (float)sin(i);
        y[i] = (uint16_t)(0x3F00 + i % 256);
    }
    const Result expected = compute(SP_SCALAR, x, y.data());
    expect(expected.answer == 0 && expected.sums[0] > 0, "a result");
    expect(sameWithoutCode(isa, x, y.data(), expected, false), "the same without code");
    expect(sameWithoutCode(isa, x, y.data(), expected, true), "the same where no more code may be made");
    expect(isa != SP_AVX512 || sp_compiles(isa), "AVX-512 compiles");
    expect(compute(isa, x, y.data()) == expected, "the same from every instruction set");
    expect(ftruncate(file, 4096) == 0, "a shorter file");
    expect(compute(isa, x, y.data()).answer == 1, "the source that cannot be read");
    expect(compute(isa, y.data(), x).answer == 2, "the other source that cannot be read");
    expect(ftruncate(file, kElements * 4) == 0, "a longer file");
    for (int i = 0; i < kElements; i++) x[i] = (float)sin(i);
    expect(compute(isa, x, y.data()) == expected, "the same after a failure");
    if (failures == 0) printf("formulas: compiled %s\n", sp_compiles(isa) ? "here" : "nowhere here");
    return failures != 0;
}
