// Formulas on the emulated card equal sp_compute's scalar kernels bit for bit: random ones of all operations, of every
// type, at odd sizes and alignments, with any number of warps and blocks, in whatever order they run.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <algorithm>
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

constexpr int kRegisters = 7;
constexpr int kSources = 3;
constexpr int kBins = 40;

int below(int n) { return (int)(rng() % (uint64_t)n); }

// Bytes on the card, `shift` bytes into an allocation that ends with them.
struct OnCard {
    explicit OnCard(const std::vector<char>& bytes, size_t shift = 0) : size(bytes.size()) {
        cuMemAlloc_v2(&allocation, std::max(size + shift, (size_t)1));
        address = allocation + shift;
        if (size > 0) cuMemcpyHtoDAsync_v2(address, bytes.data(), size, stream);
    }
    ~OnCard() { cuMemFree_v2(allocation); }
    OnCard(const OnCard&) = delete;
    std::vector<char> back() const {
        std::vector<char> bytes(size);
        if (size > 0) cuMemcpyDtoHAsync_v2(bytes.data(), address, size, stream);
        cuStreamSynchronize(stream);
        return bytes;
    }
    size_t size;
    uint64_t allocation = 0, address = 0;
};

template <class T>
std::vector<char> bytesOf(const std::vector<T>& values) {
    const char* from = (const char*)values.data();
    return std::vector<char>(from, from + values.size() * sizeof(T));
}

// Values near one, some of any bits among them, if `special`.
std::vector<char> elementsOf(int dtype, int64_t count, bool special) {
    std::vector<double> plain((size_t)count);
    for (double& value : plain) value = (double)(int64_t)rng() * 0x1p-62;
    std::vector<char> bytes((size_t)count * kBytes[dtype]);
    const sp_address from = (sp_address)plain.data();
    const int32_t f64 = SP_F64;
    sp_mix(SP_SCALAR, (sp_address)bytes.data(), dtype, count, &from, &f64, 1, nullptr, 1, 0);
    for (int64_t i = 0; special && i < count; i += 1 + below(6)) {
        const uint64_t bits = rng();
        memcpy(bytes.data() + i * kBytes[dtype], &bits, (size_t)kBytes[dtype]);
    }
    return bytes;
}

// Random steps, in the five ints of sp_compute, and what they name.
struct Formula {
    std::vector<int32_t> code;
    std::vector<double> constants = {0.3, -2, 0};
    std::vector<int64_t> numbers = {(int64_t)rng(), -3, 0x3F800000, 5000, 0x3E000000, 9, 0x3C000000, 19, kBins};
    std::vector<double> tables = {0.5, -1, 1e-41, 3, 7};
    std::vector<int64_t> shapes = {0, 2, 700, 2, 3, 1};

    void add(int op, int to, int a, int b, int c) { code.insert(code.end(), {op, to, a, b, c}); }
    static int operand() { return below(5) == 0 ? ~below(3) : below(kRegisters); }

    explicit Formula(int steps) {
        for (int r = 0; r < kRegisters; r++) add(SP_OP_SOURCE, r, r % kSources, 0, 0);
        for (int s = 0; s < steps; s++) {
            const int op = SP_OP_TABLE + below(SP_OP_WITHIN - SP_OP_TABLE + 1), to = below(kRegisters);
            switch (op) {
                case SP_OP_TABLE:
                    add(op, to, below(2), 0, 0);
                    break;
                case SP_OP_RANDOM:
                    add(op, to, 0, 0, 0);
                    break;
                case SP_OP_WITHIN:
                    add(op, to, operand(), 2, 0);
                    break;
                default:
                    add(op, to, operand(), operand(), operand());
            }
        }
        add(SP_OP_OUT, 0, operand(), 0, 0);
        add(SP_OP_SUM, 0, operand(), 0, 0);
        add(SP_OP_DOT, 0, operand(), operand(), 1);
        add(SP_OP_COUNT, 0, operand(), 0, 0);
        add(SP_OP_HISTOGRAM, 0, operand(), 6, 1);
    }

    // The card's steps: eight ints each, the number of a table in b, counts among the sums, bins from 0.
    std::vector<int32_t> onCard() const {
        std::vector<int32_t> steps;
        for (size_t s = 0; s < code.size(); s += 5) {
            int32_t step[8] = {code[s], code[s + 1], code[s + 2], code[s + 3], code[s + 4]};
            if (step[0] == SP_OP_TABLE) step[3] = step[2];
            if (step[0] == SP_OP_COUNT) step[4] = 2;
            if (step[0] == SP_OP_HISTOGRAM) step[4] = 0;
            steps.insert(steps.end(), step, step + 8);
        }
        return steps;
    }
};

bool same(double a, double b) { return memcmp(&a, &b, 8) == 0 || (isnan(a) && isnan(b)); }

void check(const std::vector<int32_t>& dtypes, int outType, int64_t elements, bool wide, bool special) {
    const Formula f(below(20));
    std::vector<std::vector<char>> sources;
    std::vector<sp_address> addresses;
    bool inF64 = wide;
    for (int32_t dtype : dtypes) {
        sources.push_back(elementsOf(dtype, elements, special));
        addresses.push_back((sp_address)sources.back().data());
        inF64 |= dtype == SP_F32 || dtype == SP_F64;
    }
    const int64_t first = 4900 + below(3000);
    std::vector<char> out((size_t)elements * kBytes[outType]);
    double sums[2] = {};
    int64_t counts[1 + kBins] = {};
    const int steps = (int)f.code.size() / 5;
    const int answer =
        sp_compute(SP_SCALAR, wide, f.code.data(), steps, kRegisters, f.constants.data(), (int)f.constants.size(),
                   f.numbers.data(), f.tables.data(), f.shapes.data(), addresses.data(), dtypes.data(), kSources,
                   (sp_address)out.data(), outType, 0, first, elements, sums, 2, counts);

    std::vector<uint64_t> places;
    std::vector<std::unique_ptr<OnCard>> copies;
    for (int k = 0; k < kSources; k++) {
        copies.push_back(std::make_unique<OnCard>(sources[(size_t)k], (size_t)below(9)));
        places.insert(places.end(), {copies.back()->address, (uint64_t)dtypes[(size_t)k]});
    }
    const std::vector<int64_t> shapes = {0, 2, 700, first % 1400, 2, 3, 1, first % 3};
    const OnCard code(bytesOf(f.onCard())), constants(bytesOf(f.constants)), numbers(bytesOf(f.numbers)),
        tables(bytesOf(f.tables)), cardShapes(bytesOf(shapes)), entries(bytesOf(places));
    const int64_t blocks = (elements + SP_DOT_BLOCK - 1) / SP_DOT_BLOCK;
    void* notFinite = nullptr;
    cuMemHostAlloc(&notFinite, 4, 0);
    for (int order = 0; order < stockpot::emulator::kOrders; order++) {
        stockpot_emulator_order(order);
        const OnCard result(std::vector<char>(out.size(), 0x55), (size_t)below(9));
        const OnCard blockSums(std::vector<char>((size_t)(3 * blocks) * 8, 0x55)), bins(std::vector<char>(kBins * 4));
        memset(notFinite, 0, 4);
        const int warps = 1 + below(8);
        FormulaArguments call = {code.address,
                                 constants.address,
                                 numbers.address,
                                 entries.address,
                                 tables.address,
                                 cardShapes.address,
                                 result.address,
                                 blockSums.address,
                                 bins.address,
                                 (uint64_t)notFinite,
                                 first,
                                 elements,
                                 steps,
                                 kRegisters,
                                 3,
                                 outType};
        void* function = nullptr;
        void* parameters[] = {&call};
        cuModuleGetFunction(&function, module, inF64 ? "stockpot_formula_f64" : "stockpot_formula_f32");
        cuLaunchKernel(function, 1 + (unsigned)below(3), 1, 1, (unsigned)warps * 32, 1, 1,
                       (unsigned)warps * 32 * (3 * 8 + kRegisters * 16), stream, parameters, nullptr);
        bool right = result.back() == out && *(uint32_t*)notFinite == (answer == SP_NOT_FINITE);
        const std::vector<char> formed = blockSums.back(), counted = bins.back();
        double total[3] = {};
        for (int64_t n = 0; n < 3 * blocks; n++) {
            double sum;
            memcpy(&sum, formed.data() + n * 8, 8);
            total[n / blocks] += sum;
        }
        right &= same(total[0], sums[0]) && same(total[1], sums[1]) && total[2] == (double)counts[0];
        for (int n = 0; n < kBins; n++) right &= ((const uint32_t*)counted.data())[n] == counts[1 + n];
        if (right) continue;
        printf("formula differs: of types %d %d %d, out %d, %lld elements, wide %d, order %d\n", dtypes[0], dtypes[1],
               dtypes[2], outType, (long long)elements, wide, order);
        failures++;
    }
    cuMemFreeHost(notFinite);
}

void checkSharedMemoryIsNoticed() {
    printf("what follows is meant to happen\n");
    const std::vector<int32_t> step = {SP_OP_ABS, 1, ~0, 0, 0, 0, 0, 0};
    const OnCard code(bytesOf(step)), constants(bytesOf(std::vector<double>{1}));
    FormulaArguments call = {};
    call.steps = code.address;
    call.constants = constants.address;
    call.elements = 1;
    call.stepCount = 1;
    call.registers = 2;
    void* function = nullptr;
    void* parameters[] = {&call};
    cuModuleGetFunction(&function, module, "stockpot_formula_f64");
    cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 32 * 2 * 16 - 8, stream, parameters, nullptr);
    expect(cuStreamSynchronize(stream) == 700, "less shared memory than a kernel uses is an error");
    expect(cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, (48 << 10) + 8, stream, parameters, nullptr) != 0,
           "more shared memory than there is is refused");
}

}  // namespace

int main() {
    freshCard();
    for (int64_t elements : {1, 31, 128, 129, 777, 2048, 4100}) {
        for (int in = 0; in < kTypes; in++) {
            for (int out = 0; out < kTypes; out++) {
                check(std::vector<int32_t>(kSources, in), out, elements, rng() % 2, out % 2);
            }
        }
    }
    for (int trial = 0; trial < 100; trial++) {
        check({below(kTypes), below(kTypes), below(kTypes)}, below(kTypes), 1 + below(6000), rng() % 2, rng() % 2);
    }
    expect(stockpot_emulator_violations() == 0, "no violation by the kernels");
    expect(stockpot_emulator_live() == 3, "nothing but context, module and stream is left");
    checkSharedMemoryIsNoticed();
    stockpot_emulator_reset(0, 0, 13000);
    printf("%d failures\n", failures);
    return failures != 0;
}
