// Every pair of types on every instruction set of this machine equals a plain loop over the contract bit for bit, on
// random and special bits, at odd sizes and alignments, in one call or in several over whole blocks.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <random>
#include <vector>

#include "stockpot.h"

namespace {

constexpr int kTypes = 6;
constexpr int kBytes[] = {8, 4, 2, 2, 1, 1};
std::mt19937_64 rng(1);

struct Operand {
    std::vector<char> bytes;
    std::vector<double> values;
    sp_address address;
};

// Elements near one if the type allows it, with random bits among them if `special`; sp_mix decodes the bits.
Operand random(int dtype, int64_t elements, bool special) {
    size_t shift = rng() % 9;
    Operand operand = {std::vector<char>((size_t)elements * kBytes[dtype] + shift),
                       std::vector<double>((size_t)elements), 0};
    operand.address = (sp_address)operand.bytes.data() + (sp_address)shift;
    std::vector<double> plain((size_t)elements);
    for (double& value : plain) value = (double)(int64_t)rng() * 0x1p-62;
    sp_address from = (sp_address)plain.data();
    int32_t f64 = SP_F64;
    sp_mix(SP_SCALAR, operand.address, dtype, elements, &from, &f64, 1, nullptr, 1, 0);
    for (int64_t i = 0; special && i < elements; i += 1 + rng() % 500) {
        uint64_t bits = rng();
        memcpy((char*)operand.address + i * kBytes[dtype], &bits, (size_t)kBytes[dtype]);
    }
    sp_mix(SP_SCALAR, (sp_address)operand.values.data(), SP_F64, elements, &operand.address, &dtype, 1, nullptr, 1, 0);
    return operand;
}

double reference(const std::vector<double>& a, const std::vector<double>& b, double sum) {
    for (size_t from = 0; from < a.size(); from += SP_DOT_BLOCK) {
        double lane[SP_DOT_LANES] = {};
        for (size_t i = from; i < a.size() && i < from + SP_DOT_BLOCK; i++) lane[i % SP_DOT_LANES] += a[i] * b[i];
        for (int h = SP_DOT_LANES / 2; h > 0; h /= 2) {
            for (int j = 0; j < h; j++) lane[j] += lane[j + h];
        }
        sum += lane[0];
    }
    return sum;
}

bool same(double a, double b) { return memcmp(&a, &b, 8) == 0 || (isnan(a) && isnan(b)); }

int failures = 0;

void check(int vectorDtype, const std::vector<int32_t>& dtypes, int64_t elements, bool special) {
    Operand vector = random(vectorDtype, elements, special);
    std::vector<Operand> sources;
    std::vector<double> start, expected;
    for (int32_t dtype : dtypes) {
        sources.push_back(random(dtype, elements, special));
        start.push_back((double)rng() * 0x1p-60);
        expected.push_back(reference(vector.values, sources.back().values, start.back()));
    }
    for (int isa = SP_SCALAR; isa <= sp_detect_isa(); isa++) {
        for (int64_t part : {elements, (int64_t)SP_DOT_BLOCK * 2}) {
            std::vector<double> sums = start;
            int fault = 0;
            for (int64_t from = 0; from < elements && fault == 0; from += part) {
                std::vector<sp_address> at;
                for (size_t k = 0; k < dtypes.size(); k++) at.push_back(sources[k].address + from * kBytes[dtypes[k]]);
                fault = sp_dot(isa, vector.address + from * kBytes[vectorDtype], vectorDtype,
                               elements - from < part ? elements - from : part, at.data(), dtypes.data(),
                               (int)dtypes.size(), sums.data());
            }
            for (size_t k = 0; k < dtypes.size(); k++) {
                if (fault == 0 && same(sums[k], expected[k])) continue;
                printf("isa %d differs: vector %d, source %zu of type %d, %lld elements, fault %d: %a, expected %a\n",
                       isa, vectorDtype, k, dtypes[k], (long long)elements, fault, sums[k], expected[k]);
                failures++;
            }
        }
    }
}

}  // namespace

int main() {
    const int64_t sizes[] = {0, 1, 31, 32, 33, 777, 2047, 2048, 2049, 4096, 20001};
    for (int vector = 0; vector < kTypes; vector++) {
        for (int source = 0; source < kTypes; source++) {
            for (int64_t elements : sizes) {
                check(vector, std::vector<int32_t>(1, source), elements, false);
                check(vector, std::vector<int32_t>(3, source), elements, true);
            }
        }
        for (int trial = 0; trial < 20; trial++) {
            std::vector<int32_t> mixed(1 + rng() % 70);
            for (int32_t& dtype : mixed) dtype = (int32_t)(rng() % kTypes);
            check(vector, mixed, (int64_t)(rng() % 9000), trial % 2);
        }
    }
    printf("instruction set %d: %d failures\n", sp_detect_isa(), failures);
    return failures != 0;
}
