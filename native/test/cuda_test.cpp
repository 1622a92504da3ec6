// The CUDA kernels on the emulated card equal the scalar kernels bit for bit, at odd sizes and alignments, in one
// launch or several, in whatever order blocks and threads run; and the emulated card notices what a real one would fail
// on.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <memory>
#include <random>
#include <vector>

#include "../cuda/arguments.h"
#include "cuda_api.h"
#include "cuda_emulator/driver.h"
#include "cuda_emulator/grid.h"
#include "fresh_card.h"
#include "stockpot.h"

namespace {

using namespace stockpot::cuda;

template <class Arguments>
void launch(const char* name, Arguments& arguments, unsigned x, unsigned y) {
    void* function = nullptr;
    void* parameters[] = {&arguments};
    cuModuleGetFunction(&function, module, name);
    cuLaunchKernel(function, x, y, 1, kThreads, 1, 1, 0, stream, parameters, nullptr);
}

// Elements on the host and on the card, the latter `shift` bytes into an allocation that ends with them. Of finite
// values near one, or with any bits among them.
struct Operand {
    Operand(int type, int64_t elements, bool special = true)
        : dtype(type), shift(rng() % 9), bytes((size_t)elements * kBytes[type]) {
        std::vector<double> plain((size_t)elements);
        for (double& value : plain) value = (double)(int64_t)rng() * 0x1p-62;
        const sp_address from = (sp_address)plain.data();
        const int32_t f64 = SP_F64;
        sp_mix(SP_SCALAR, (sp_address)bytes.data(), type, elements, &from, &f64, 1, nullptr, 1, 0);
        for (int64_t i = 0; special && i < elements; i += 1 + rng() % 6) {
            const uint64_t bits = rng();
            memcpy(bytes.data() + i * kBytes[type], &bits, (size_t)kBytes[type]);
        }
        cuMemAlloc_v2(&allocation, bytes.size() + shift);
        cuMemcpyHtoDAsync_v2(address(), bytes.data(), bytes.size(), stream);
    }
    ~Operand() { cuMemFree_v2(allocation); }
    Operand(const Operand&) = delete;
    uint64_t address() const { return allocation + shift; }
    int dtype;
    size_t shift;
    std::vector<char> bytes;
    uint64_t allocation = 0;
};

using Operands = std::vector<std::unique_ptr<Operand>>;

Operands operands(const std::vector<int32_t>& dtypes, int64_t elements, bool special) {
    Operands all;
    for (int dtype : dtypes) all.push_back(std::make_unique<Operand>(dtype, elements, special));
    return all;
}

std::vector<sp_address> onHost(const Operands& all) {
    std::vector<sp_address> addresses;
    for (const auto& operand : all) addresses.push_back((sp_address)operand->bytes.data());
    return addresses;
}

void checkMix(const std::vector<int32_t>& dtypes, int outType, int64_t elements, bool weighted, double divisor,
              bool special = true) {
    Operands sources = operands(dtypes, elements, special);
    Operand out(outType, elements);
    std::vector<double> weights;
    bool wide = false;
    for (int32_t dtype : dtypes) {
        weights.push_back((double)(int64_t)rng() * 0x1p-63);
        wide |= dtype == SP_F64 || dtype == SP_F32;
    }
    std::vector<char> expected(out.bytes.size());
    const int answer = sp_mix(SP_SCALAR, (sp_address)expected.data(), outType, elements, onHost(sources).data(),
                              dtypes.data(), (int)dtypes.size(), weighted ? weights.data() : nullptr, divisor, 0);
    void* notFinite = nullptr;
    cuMemHostAlloc(&notFinite, 4, 0);
    uint64_t accumulators = 0;
    cuMemAlloc_v2(&accumulators, (size_t)elements * 8);
    for (int order = 0; order < stockpot::emulator::kOrders; order++) {
        stockpot_emulator_order(order);
        memset(notFinite, 0, 4);
        const unsigned blocks = 1 + (unsigned)(rng() % 3);
        for (size_t from = 0; from < dtypes.size(); from += kMostSources) {
            MixArguments call = {};
            size_t count = dtypes.size() - from < kMostSources ? dtypes.size() - from : kMostSources;
            for (size_t k = 0; k < count; k++) {
                call.sources[k] = sources[from + k]->address();
                call.dtypes[k] = (uint8_t)dtypes[from + k];
                call.weights[k] = wide ? weights[from + k] : (double)(float)weights[from + k];
            }
            call.out = out.address();
            call.accumulators = accumulators;
            call.elements = elements;
            call.divisor = divisor;
            call.reciprocal = divisor == 4 ? 0.25 : 0;
            call.notFinite = (uint64_t)notFinite;
            call.outDtype = outType;
            call.count = (int32_t)count;
            call.flags =
                (weighted ? kWeighted : 0) | (from > 0 ? kResume : 0) | (from + count == dtypes.size() ? kFinish : 0);
            launch(wide ? "stockpot_mix_f64" : "stockpot_mix_f32", call, blocks, 1);
        }
        std::vector<char> actual(out.bytes.size());
        cuMemcpyDtoHAsync_v2(actual.data(), out.address(), actual.size(), stream);
        // The next order must not find these results there.
        cuMemcpyHtoDAsync_v2(out.address(), out.bytes.data(), out.bytes.size(), stream);
        cuStreamSynchronize(stream);
        if (actual == expected && *(uint32_t*)notFinite == (answer == SP_NOT_FINITE)) continue;
        printf("mix differs: %zu sources of type %d, out %d, %lld elements, weighted %d, order %d\n", dtypes.size(),
               dtypes[0], outType, (long long)elements, weighted, order);
        failures++;
    }
    cuMemFree_v2(accumulators);
    cuMemFreeHost(notFinite);
}

void checkDot(const std::vector<int32_t>& dtypes, int vectorType, int64_t elements, bool special) {
    Operands sources = operands(dtypes, elements, special);
    Operand vector(vectorType, elements, special);
    size_t blocks = (size_t)(elements + SP_DOT_BLOCK - 1) / SP_DOT_BLOCK;
    std::vector<double> expected(dtypes.size());
    sp_dot(SP_SCALAR, (sp_address)vector.bytes.data(), vectorType, elements, onHost(sources).data(), dtypes.data(),
           (int)dtypes.size(), expected.data());
    DotArguments call = {};
    for (size_t k = 0; k < dtypes.size(); k++) {
        call.sources[k] = sources[k]->address();
        call.dtypes[k] = (uint8_t)dtypes[k];
    }
    call.vector = vector.address();
    call.elements = elements;
    call.vectorDtype = vectorType;
    call.count = (int32_t)dtypes.size();
    for (int order = 0; order < stockpot::emulator::kOrders; order++) {
        stockpot_emulator_order(order);
        std::vector<double> actual(dtypes.size() * blocks);
        cuMemAlloc_v2(&call.blockSums, actual.size() * 8);
        launch("stockpot_dot", call, 1 + (unsigned)(rng() % 2), (unsigned)(dtypes.size() + 7) / 8);
        cuMemcpyDtoHAsync_v2(actual.data(), call.blockSums, actual.size() * 8, stream);
        cuStreamSynchronize(stream);
        cuMemFree_v2(call.blockSums);
        for (size_t k = 0; k < dtypes.size(); k++) {
            double sum = 0;
            for (size_t b = 0; b < blocks; b++) sum += actual[k * blocks + b];
            const bool hidesNothing = special || (isfinite(sum) && sum != 0);
            if (hidesNothing && (memcmp(&sum, &expected[k], 8) == 0 || (isnan(sum) && isnan(expected[k])))) continue;
            printf("dot differs: vector %d, source %zu of type %d, %lld elements, order %d: %a, expected %a\n",
                   vectorType, k, dtypes[k], (long long)elements, order, sum, expected[k]);
            failures++;
        }
    }
}

void checkKernels() {
    freshCard();
    for (int in = 0; in < kTypes; in++) {
        for (int out = 0; out < kTypes; out++) {
            for (int64_t elements : {1, 15, 33, 777, 4099}) {
                checkMix(std::vector<int32_t>(4, in), out, elements, false, 4);
                checkMix(std::vector<int32_t>(3, in), out, elements, true, 1.7);
            }
            checkMix(std::vector<int32_t>(130, in), out, 100, out % 2, 130);
            checkMix(std::vector<int32_t>(2, in), out, 100, false, 4, false);
            for (bool special : {false, true}) {
                checkDot(std::vector<int32_t>(3, in), out, 1 + (int64_t)(rng() % 5000), special);
            }
        }
    }
    for (int trial = 0; trial < 40; trial++) {
        std::vector<int32_t> mixed(1 + rng() % 64);
        for (int32_t& dtype : mixed) dtype = (int32_t)(rng() % kTypes);
        checkMix(mixed, trial % kTypes, 1 + (int64_t)(rng() % 3000), trial % 2, 0.3);
        checkDot(mixed, trial % kTypes, 1 + (int64_t)(rng() % 7000), trial % 3 == 0);
    }
    expect(stockpot_emulator_violations() == 0, "no violation by the kernels");
    expect(stockpot_emulator_live() == 3, "nothing but context, module and stream is left");
}

// Launches a mix of one F32 source of 64 elements, which are 256 bytes.
void launchOne(uint64_t source, uint64_t out) {
    MixArguments call = {};
    call.sources[0] = source;
    call.out = out;
    call.elements = 64;
    call.divisor = 1;
    call.dtypes[0] = SP_F32;
    call.outDtype = SP_F32;
    call.count = 1;
    call.flags = kFinish;
    launch("stockpot_mix_f64", call, 1, 1);
}

void checkTheCardNotices() {
    printf("what follows is meant to happen\n");
    uint64_t in = 0, out = 0;
    freshCard();
    cuMemAlloc_v2(&in, 256);
    cuMemAlloc_v2(&out, 256);
    launchOne(in + 4, out);
    expect(cuStreamSynchronize(stream) == 700, "a read over the end is an error");
    expect(stockpot_emulator_violations() == 1, "and noticed once");
    expect(stockpot_emulator_live() == 5, "what was not given back is counted");

    freshCard();
    cuMemAlloc_v2(&in, 256);
    cuMemAlloc_v2(&out, 256);
    launchOne(in, out);
    cuMemFree_v2(in);
    expect(cuStreamSynchronize(stream) == 700, "memory that is freed under a kernel is an error");

    freshCard();
    cuMemAlloc_v2(&in, 256);
    char host[256] = {}, back[256] = {1};
    void* other = nullptr;
    cuStreamCreate(&other, 1);
    cuMemcpyHtoDAsync_v2(in, host, 256, other);
    cuMemcpyDtoHAsync_v2(back, in, 256, stream);
    expect(back[0] != 0, "nothing runs before the host waits for it");
    cuStreamSynchronize(stream);
    expect(memcmp(host, back, 256) != 0, "a copy that does not wait for another stream gets something else");
    cuStreamSynchronize(other);
    cuMemcpyDtoHAsync_v2(back, in, 256, stream);
    cuStreamSynchronize(stream);
    expect(memcmp(host, back, 256) == 0, "a copy that waits gets what it waited for");

    void* pinned = nullptr;
    cuMemHostAlloc(&pinned, 256, 0);
    cuMemcpyHtoDAsync_v2(in, pinned, 256, stream);
    memset(pinned, 7, 256);
    cuMemcpyDtoHAsync_v2(back, in, 256, stream);
    cuStreamSynchronize(stream);
    expect(back[0] == 7, "pinned memory that changes before its copy ran changes the copy");
    cuMemcpyHtoDAsync_v2(in, pinned, 256, stream);
    cuMemFreeHost(pinned);
    cuStreamSynchronize(stream);
    expect(stockpot_emulator_violations() == 1, "pinned memory that is freed before its copy ran is noticed");

    freshCard();
    stockpot_emulator_fail(2, 214);
    expect(cuMemAlloc_v2(&in, 256) == 0 && cuMemAlloc_v2(&out, 256) == 214, "the second call fails as requested");
    expect(cuMemAlloc_v2(&out, (size_t)1 << 30) == 2, "there is no more memory than there is");
}

}  // namespace

int main() {
    checkKernels();
    checkTheCardNotices();
    stockpot_emulator_reset(0, 0, 13000);
    printf("%d failures\n", failures);
    return failures != 0;
}
