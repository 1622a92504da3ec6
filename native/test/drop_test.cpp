// Dropping by rank on every instruction set of this machine equals a plain sort of each row bit for bit: on rows of any
// length, whose values are all different, mostly equal, close together, far apart or not finite.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include "stockpot.h"

namespace {

std::mt19937_64 rng(1);
int failures = 0;

enum Kind { kNormal, kRepeated, kClose, kZeros, kWide, kSpecial, kKinds };

double unit() { return (double)(rng() >> 40) * 0x1p-24; }

double anyValue(Kind kind) {
    const double x = (unit() + unit() + unit() - 1.5) / 50;
    switch (kind) {
        case kRepeated:
            return (double)(int)(x * 300) / 4096;
        case kClose:
            return 1 + unit() / 1024;
        case kZeros:
            return rng() % 3 == 0 ? x : rng() % 2 == 0 ? 0.0 : -0.0;
        case kWide:
            return ldexp(x, -(int)(rng() % 140));
        case kSpecial: {
            const double special[] = {INFINITY, -INFINITY, NAN, 1e300, -3e38, 0x1p-149, 1e-320, 0};
            return rng() % 9 == 0 ? special[rng() % 8] : x;
        }
        default:
            return x;
    }
}

uint32_t patternOf(double x) {
    const float magnitude = fabsf((float)x);
    if (isnan(magnitude)) return 0x7FC00000;
    uint32_t pattern;
    memcpy(&pattern, &magnitude, sizeof pattern);
    return pattern;
}

double magnitudes(const std::vector<double>& x, double sum) {
    for (size_t from = 0; from < x.size(); from += SP_DOT_BLOCK) {
        double lane[SP_DOT_LANES] = {};
        for (size_t i = from; i < x.size() && i < from + SP_DOT_BLOCK; i++) lane[i % SP_DOT_LANES] += fabs(x[i]);
        for (int h = SP_DOT_LANES / 2; h > 0; h /= 2) {
            for (int j = 0; j < h; j++) lane[j] += lane[j + h];
        }
        sum += lane[0];
    }
    return sum;
}

struct Result {
    std::vector<double> values;
    double sums[2] = {0.5, 0.25};
    int64_t kept = 0;
};

Result reference(const std::vector<double>& values, const std::vector<float>& random, int64_t rows, int64_t length,
                 double density, double epsilon) {
    Result result;
    for (int64_t r = 0; r < rows; r++) {
        std::vector<double> row(values.begin() + r * length, values.begin() + (r + 1) * length);
        std::vector<int> order((size_t)length);
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(),
                         [&](int a, int b) { return patternOf(row[(size_t)a]) < patternOf(row[(size_t)b]); });
        result.sums[0] = magnitudes(row, result.sums[0]);
        for (size_t rank = 0; rank < order.size(); rank++) {
            const size_t i = (size_t)order[rank];
            const double share = length == 1 ? 0.5 : (double)rank / ((double)length - 1);
            const bool below = (double)random[(size_t)(r * length) + i] < density - epsilon + 2 * epsilon * share;
            if (below || !isfinite(row[i])) {
                result.kept++;
            } else {
                row[i] = 0;
            }
        }
        result.sums[1] = magnitudes(row, result.sums[1]);
        result.values.insert(result.values.end(), row.begin(), row.end());
    }
    return result;
}

bool same(double a, double b) { return memcmp(&a, &b, 8) == 0 || (isnan(a) && isnan(b)); }

template <class T>
void check(int isa, int dtype, Kind kind, int64_t rows, int64_t length, double density, double epsilon) {
    std::vector<T> start((size_t)(rows * length));
    std::vector<float> random(start.size());
    for (T& value : start) value = (T)anyValue(kind);
    // Some settings have chances that random numbers then equal.
    const double steps = density == 0.5 ? 64 : 0x1p24;
    for (float& u : random) u = (float)(floor(unit() * steps) / steps);
    const std::vector<double> wide(start.begin(), start.end());
    const Result expected = reference(wide, random, rows, length, density, epsilon);
    std::vector<std::vector<int64_t>> room(3, std::vector<int64_t>((size_t)length));
    const sp_address rooms[] = {(sp_address)room[0].data(), (sp_address)room[1].data(), (sp_address)room[2].data()};
    for (bool summed : {true, false}) {
        std::vector<T> values = start;
        std::vector<float> numbers = random;
        double sums[] = {0.5, 0.25};
        const int64_t kept = sp_drop(isa, (sp_address)values.data(), dtype, (sp_address)numbers.data(), rows, length,
                                     density, epsilon, rooms, summed ? sums : nullptr);
        bool equal = kept == expected.kept;
        if (summed) equal &= same(sums[0], expected.sums[0]) && same(sums[1], expected.sums[1]);
        for (size_t i = 0; i < values.size(); i++) equal &= same(values[i], expected.values[i]);
        if (equal) continue;
        printf(
            "isa %d differs: type %d, values of kind %d, %lld rows of %lld, density %g, epsilon %g: %lld left, "
            "expected %lld\n",
            isa, dtype, kind, (long long)rows, (long long)length, density, epsilon, (long long)kept,
            (long long)expected.kept);
        failures++;
    }
}

}  // namespace

int main() {
    const int64_t lengths[] = {1, 2, 3, 31, 32, 33, 64, 100, 257, 1000, 2048, 2049, 4096, 30000};
    const double settings[][2] = {{0.5, 0.25}, {0.4, 0.15}, {0.3, 0.29}, {0.7, 0}, {0, 0}, {1, 0}, {0.9, 0.0999}};
    for (int isa = SP_SCALAR; isa <= sp_detect_isa(); isa++) {
        for (int kind = 0; kind < kKinds; kind++) {
            for (int64_t length : lengths) {
                for (const double* setting : settings) {
                    const int64_t rows = length > 2000 ? 1 : (int64_t)(rng() % 4);
                    check<float>(isa, SP_F32, (Kind)kind, rows, length, setting[0], setting[1]);
                    check<double>(isa, SP_F64, (Kind)kind, rows, length, setting[0], setting[1]);
                }
            }
        }
    }
    printf("instruction set %d: %d failures\n", sp_detect_isa(), failures);
    return failures != 0;
}
