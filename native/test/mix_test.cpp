// Every pair of types on every instruction set of this machine equals the scalar kernel bit for bit, on random and
// special bits, at odd sizes and alignments, weighted or not, and tells whether all results are finite. (The JVM's
// tests check the scalar kernel itself.)
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <algorithm>
#include <random>
#include <vector>

#include "stockpot.h"

namespace {

constexpr int kTypes = 6;
constexpr size_t kLine = 64;
constexpr int kBytes[] = {8, 4, 2, 2, 1, 1};
std::mt19937_64 rng(1);

// Random bits, most of them near one: purely random ones would become only infinities and tiny values in F16.
std::vector<char> randomSource(int dtype, int64_t elements, int shift) {
    std::vector<char> bytes((size_t)(elements * kBytes[dtype] + shift));
    for (int64_t i = 0; i < elements; i++) {
        uint64_t bits = rng();
        float near = (float)((double)(int64_t)rng() * 0x1p-62);
        double exact = (double)(int64_t)rng() * 0x1p-62;
        bool plain = rng() % 4 != 0;
        if (plain && dtype == SP_F64) memcpy(&bits, &exact, 8);
        if (plain && dtype == SP_F32) memcpy(&bits, &near, 4);
        if (plain && dtype == SP_BF16) memcpy(&bits, (char*)&near + 2, 2);
        memcpy(bytes.data() + shift + i * kBytes[dtype], &bits, (size_t)kBytes[dtype]);
    }
    return bytes;
}

int failures = 0;

// Whether all elements are finite: infinity and NaN have the largest bits of a type, apart from the sign.
bool areFinite(int dtype, const char* bytes, int64_t elements) {
    const uint64_t infinity[] = {0x7FF0000000000000, 0x7F800000, 0x7C00, 0x7F80, 0x7C, 0x7F};
    for (int64_t i = 0; i < elements; i++) {
        uint64_t bits = 0;
        memcpy(&bits, bytes + i * kBytes[dtype], (size_t)kBytes[dtype]);
        if ((bits & ~((uint64_t)1 << (8 * kBytes[dtype] - 1))) >= infinity[dtype]) return false;
    }
    return true;
}

void check(const std::vector<int32_t>& dtypes, int out, int64_t elements, bool weighted) {
    std::vector<std::vector<char>> sources;
    std::vector<sp_address> addresses;
    std::vector<double> weights;
    for (size_t k = 0; k < dtypes.size(); k++) {
        int shift = (int)(rng() % 9);
        sources.push_back(randomSource(dtypes[k], elements, shift));
        addresses.push_back((sp_address)sources.back().data() + shift);
        weights.push_back((double)(int64_t)rng() * 0x1p-63);
    }
    double divisor = weighted ? 1.7 : (double)dtypes.size();
    size_t bytes = (size_t)(elements * kBytes[out]);
    std::vector<char> expected(bytes + 1, 'e');
    auto mix = [&](int isa, char* to, int pastCaches) {
        return sp_mix(isa, (sp_address)to, out, elements, addresses.data(), dtypes.data(), (int)dtypes.size(),
                      weighted ? weights.data() : nullptr, divisor, pastCaches);
    };
    const int answer = mix(SP_SCALAR, expected.data(), 0);
    if (answer != (areFinite(out, expected.data(), elements) ? 0 : SP_NOT_FINITE)) failures++;
    for (int isa = SP_SCALAR; isa <= sp_detect_isa(); isa++) {
        for (int pastCaches = 0; pastCaches < 2; pastCaches++) {
            // At the start of a cache line, or at any distance from it; nothing outside the result is touched.
            std::vector<char> actual(2 * kLine + bytes + 1, 'e');
            size_t shift = kLine - (uintptr_t)actual.data() % kLine + (rng() % 2 ? rng() % kLine : 0);
            int actualAnswer = mix(isa, actual.data() + shift, pastCaches);
            bool before = std::count(actual.begin(), actual.begin() + (long)shift, 'e') == (long)shift;
            if (actualAnswer != answer || !before || memcmp(actual.data() + shift, expected.data(), bytes + 1) != 0) {
                printf(
                    "isa %d differs: %d sources of type %d, out %d, %lld elements, weighted %d, past caches %d, "
                    "answer %d\n",
                    isa, (int)dtypes.size(), dtypes[0], out, (long long)elements, weighted, pastCaches, actualAnswer);
                failures++;
            }
        }
    }
}

// One value that is not finite, or that the result's type cannot hold, is noticed wherever it is.
void checkOne(int in, int out, int64_t elements, int64_t where, double value, bool noticed) {
    std::vector<double> values((size_t)elements);
    for (double& v : values) v = (double)(int64_t)rng() * 0x1p-62;
    values[(size_t)where] = value;
    std::vector<char> source((size_t)(elements * kBytes[in])), result(kLine + (size_t)(elements * kBytes[out]));
    const sp_address doubles = (sp_address)values.data(), from = (sp_address)source.data();
    const int32_t f64 = SP_F64, dtype = in;
    sp_mix(SP_SCALAR, from, in, elements, &doubles, &f64, 1, nullptr, 1, 0);
    const size_t shift = kLine - (uintptr_t)result.data() % kLine;
    for (int isa = SP_SCALAR; isa <= sp_detect_isa(); isa++) {
        for (int pastCaches = 0; pastCaches < 2; pastCaches++) {
            int answer =
                sp_mix(isa, (sp_address)result.data() + shift, out, elements, &from, &dtype, 1, nullptr, 1, pastCaches);
            if (answer == (noticed ? SP_NOT_FINITE : 0)) continue;
            printf("isa %d: %g as element %lld of %lld from type %d to %d: answer %d\n", isa, value, (long long)where,
                   (long long)elements, in, out, answer);
            failures++;
        }
    }
}

void checkEverywhere() {
    const double infinity = __builtin_inf(), nan = __builtin_nan("");
    for (int64_t elements : {1, 7, 16, 31, 32, 33, 64, 95, 2049}) {
        for (int64_t where = 0; where < elements; where += 1 + where / 70) {
            for (int type = 0; type < kTypes; type++) {
                for (double value : {infinity, -infinity, nan, -nan})
                    checkOne(type, type, elements, where, value, true);
                checkOne(type, type, elements, where, type == SP_F8_E4M3 ? -448 : -57344, false);
            }
            // The largest values that each type's rounding still holds, and those above them.
            checkOne(SP_F32, SP_F16, elements, where, 65519.99, false);
            checkOne(SP_F32, SP_F16, elements, where, -65520, true);
            checkOne(SP_BF16, SP_F16, elements, where, 65280, false);
            checkOne(SP_BF16, SP_F16, elements, where, 65536, true);
            checkOne(SP_F32, SP_F8_E5M2, elements, where, -61439, false);
            checkOne(SP_F16, SP_F8_E5M2, elements, where, 61440, true);
            checkOne(SP_F32, SP_F8_E4M3, elements, where, 464, false);
            checkOne(SP_F16, SP_F8_E4M3, elements, where, -464.5, true);
            checkOne(SP_F32, SP_BF16, elements, where, 0x1.FEFFFEp127, false);
            checkOne(SP_F32, SP_BF16, elements, where, -0x1.FFp127, true);
            checkOne(SP_F64, SP_F32, elements, where, 0x1.FFFFFEFFFFFFFp127, false);
            checkOne(SP_F64, SP_F32, elements, where, 0x1.FFFFFFp127, true);
        }
    }
}

}  // namespace

int main() {
    const int64_t sizes[] = {0, 1, 15, 31, 32, 33, 777, 2048, 4099};
    for (int out = 0; out < kTypes; out++) {
        for (int in = 0; in < kTypes; in++) {
            for (int64_t elements : sizes) {
                for (size_t count : {1, 2, 4, 8, 15}) {
                    check(std::vector<int32_t>(count, in), out, elements, false);
                    check(std::vector<int32_t>(count, in), out, elements, true);
                }
            }
        }
        for (int trial = 0; trial < 50; trial++) {
            std::vector<int32_t> mixed(1 + rng() % 40);
            for (int32_t& dtype : mixed) dtype = trial % 2 ? (int32_t)(rng() % kTypes) : (int32_t)(2 + rng() % 4);
            check(mixed, out, (int64_t)(rng() % 3000), trial % 3 == 0);
        }
    }
    checkEverywhere();
    printf("instruction set %d: %d failures\n", sp_detect_isa(), failures);
    return failures != 0;
}
