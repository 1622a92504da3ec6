// Divergences of rows: every instruction set of this machine has the scalar one's bits, which are near those of the C
// library's exp and log.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <random>
#include <vector>

#include "stockpot.h"

namespace {

std::mt19937_64 rng(1);
int failures = 0;

std::vector<double> anyRows(int64_t elements, double spread) {
    std::vector<double> x((size_t)elements);
    std::normal_distribution<double> normal(0, spread);
    for (double& value : x) value = normal(rng);
    return x;
}

std::vector<double> start(int64_t rows) {
    std::vector<double> states((size_t)(rows * SP_DIVERGENCE_STATE));
    for (size_t row = 0; row < (size_t)rows; row++)
        states[row * SP_DIVERGENCE_STATE] = states[row * SP_DIVERGENCE_STATE + 1] = -INFINITY;
    return states;
}

double reference(const double* x, const double* y, int64_t n) {
    double most[] = {-INFINITY, -INFINITY}, sums[] = {0, 0}, divergence = 0;
    const double* rows[] = {x, y};
    for (int k = 0; k < 2; k++) {
        for (int64_t i = 0; i < n; i++) most[k] = fmax(most[k], rows[k][i]);
        for (int64_t i = 0; i < n; i++) sums[k] += exp(rows[k][i] - most[k]);
    }
    for (int64_t i = 0; i < n; i++) {
        const double p = exp(x[i] - most[0]) / sums[0] + 1e-8, q = exp(y[i] - most[1]) / sums[1] + 1e-8;
        divergence += p * log(p / q);
    }
    return divergence;
}

void check(int64_t rows, int64_t length, double spread) {
    const std::vector<double> x = anyRows(rows * length, spread), y = anyRows(rows * length, spread);
    std::vector<double> expected;
    for (int isa = SP_SCALAR; isa <= sp_detect_isa(); isa++) {
        std::vector<double> model = x, base = y, states = start(rows);
        const int fault = sp_divergence(isa, (sp_address)model.data(), (sp_address)base.data(), rows, length,
                                        SP_MAXIMA | SP_SOFTMAX_SUMS | SP_DIVERGENCE, states.data());
        if (isa == SP_SCALAR) expected = states;
        bool equal =
            fault == 0 && (rows == 0 || memcmp(states.data(), expected.data(), states.size() * sizeof(double)) == 0);
        for (int64_t row = 0; row < rows; row++) {
            const double wanted = reference(x.data() + row * length, y.data() + row * length, length);
            equal &= fabs(states[(size_t)(row * SP_DIVERGENCE_STATE + 4)] - wanted) <= 1e-12 * fmax(1, wanted);
        }
        if (equal) continue;
        printf("isa %d differs: %lld rows of %lld, spread %g\n", isa, (long long)rows, (long long)length, spread);
        failures++;
    }
}

}  // namespace

int main() {
    for (int64_t length : {1, 2, 7, 31, 32, 33, 1000, 2048, 2049, 10000}) {
        for (double spread : {1e-9, 0.02, 1.0, 300.0}) check(length > 1000 ? 1 : 5, length, spread);
    }
    check(0, 5, 1);
    printf("instruction set %d: %d failures\n", sp_detect_isa(), failures);
    return failures != 0;
}
