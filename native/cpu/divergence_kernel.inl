// Divergences between the softmaxes of rows, compiled once for each instruction set: define SP_TARGET as its namespace
// first. The loops are plain and without branches, so that compilers make vector code of them.
//
// exp and log have the bits of fdlibm's (Sun Microsystems, 1993), which Java's StrictMath is: its steps and its
// coefficients, with a choice of results where it branches.
#include <string.h>

#include "divergence.h"
#include "stockpot.h"

namespace stockpot::SP_TARGET {
namespace {

inline uint64_t bitsOf(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

constexpr double fromBits(uint64_t bits) { return __builtin_bit_cast(double, bits); }

// a where it holds, else b. In vector code by bits, so that compilers do not make a branch of it to compute only one.
inline double choose(bool holds, double a, double b) {
#if defined(__AVX2__)
    const uint64_t mask = 0 - (uint64_t)holds;
    return fromBits((bitsOf(a) & mask) | (bitsOf(b) & ~mask));
#else
    return holds ? a : b;
#endif
}

// log 2 in two parts, the first of which has zeros at its end.
constexpr double kLog2High = 6.93147180369123816490e-01, kLog2Low = 1.90821492927058770002e-10;

// For x of 0 or less, minus infinity, or NaN.
inline double expOf(double x) {
    constexpr double kP1 = 1.66666666666666019037e-01, kP2 = -2.77777777770155933842e-03,
                     kP3 = 6.61375632143793436117e-05, kP4 = -1.65339022054652515390e-06,
                     kP5 = 4.13813679705723846039e-08;
    constexpr double kInverseLog2 = 1.44269504088896338700e+00, kLeast = -7.45133219101941108420e+02;
    // Just above half of log 2, and about one and a half.
    constexpr double kAboveHalf = fromBits(0x3FD62E43ull << 32), kOneAndHalf = fromBits(0x3FF0A2B2ull << 32);
    // Adding it leaves an integer in the lowest bits.
    constexpr double kInteger = 0x1.8p52;
    // x is k log 2 and a rest. Where it is too small for any result, k is just of a size that does no harm.
    const double bounded = choose(x > kLeast, x, kLeast);
    const double whole = (double)(int32_t)(kInverseLog2 * bounded - 0.5);
    const double k = choose(-bounded < kAboveHalf, 0, choose(-bounded < kOneAndHalf, -1, whole));
    const double upper = bounded - k * kLog2High, lower = k * kLog2Low;
    const double r = upper - lower, t = r * r;
    const double c = r - t * (kP1 + t * (kP2 + t * (kP3 + t * (kP4 + t * kP5))));
    const double y = 1 - ((lower - (r * c) / (2 - c)) - upper);
    // y 2^k; below the normal numbers in two steps.
    const double exponent = k + choose(k < -1021, 1000, 0);
    const double scaled = fromBits(bitsOf(y) + (bitsOf(exponent + kInteger) << 52)) * choose(k < -1021, 0x1p-1000, 1);
    const double result = choose(x < kLeast, 0, choose(-bounded < 0x1p-28, 1 + x, scaled));
    return choose(x != x, x, result);
}

// For normal x above 0, or NaN.
inline double logOf(double x) {
    constexpr double kL1 = 6.666666666666735130e-01, kL2 = 3.999999999940941908e-01, kL3 = 2.857142874366239149e-01,
                     kL4 = 2.222219843214978396e-01, kL5 = 1.818357216161805012e-01, kL6 = 1.531383769920937332e-01,
                     kL7 = 1.479819860511658591e-01;
    const uint64_t bits = bitsOf(x);
    const int64_t mantissa = (int64_t)(bits >> 32 & 0xFFFFF);
    // x is 2^k (1 + f), with 1 + f from the root of 1/2 to that of 2.
    const uint64_t half = ((uint64_t)mantissa + 0x95F64) & 0x100000;
    const double k = fromBits(bitsOf(0x1p52) + (bits >> 52) + (half >> 20)) - (0x1p52 + 1023);
    const double f = fromBits((bits & 0xFFFFFFFF) | ((uint64_t)mantissa | (half ^ 0x3FF00000)) << 32) - 1;
    const double s = f / (2 + f), z = s * s, w = z * z;
    const double even = w * (kL2 + w * (kL4 + w * kL6));
    const double odd = z * (kL1 + w * (kL3 + w * (kL5 + w * kL7)));
    const double rest = odd + even, square = 0.5 * f * f, low = k * kLog2Low;
    const double nearOne = f * f * (0.5 - 0.33333333333333333 * f) - low;
    const double middle = square - (s * (square + rest) + low);
    const double other = s * (f - rest) - low;
    const bool isNearOne = (0xFFFFF & (2 + mantissa)) < 3;
    const bool isMiddle = (mantissa >= 0x6147A) & (mantissa <= 0x6B851);
    const double minus = choose(isNearOne, nearOne, choose(isMiddle, middle, other));
    return choose(x != x, x, k * kLog2High - (minus - f));
}

double largest(const double* x, int64_t elements) {
    double lane[SP_DOT_LANES];
    int64_t nans[SP_DOT_LANES] = {};
    for (double& most : lane) most = -__builtin_inf();
    auto add = [&](int j, double value) {
        lane[j] = value > lane[j] ? value : lane[j];
        nans[j] |= value != value;
    };
    int64_t i = 0;
    for (; i + SP_DOT_LANES <= elements; i += SP_DOT_LANES) {
        for (int j = 0; j < SP_DOT_LANES; j++) add(j, x[i + j]);
    }
    for (int j = 0; i + j < elements; j++) add(j, x[i + j]);
    for (int j = 1; j < SP_DOT_LANES; j++) {
        lane[0] = lane[j] > lane[0] ? lane[j] : lane[0];
        nans[0] |= nans[j];
    }
    return nans[0] ? __builtin_nan("") : lane[0];
}

// Adds what `at` makes of each element to a sum, in blocks and lanes as those of sp_dot.
template <class At>
double sumOf(double sum, int64_t elements, At at) {
    for (int64_t from = 0; from < elements; from += SP_DOT_BLOCK) {
        const int64_t end = elements - from < SP_DOT_BLOCK ? elements : from + SP_DOT_BLOCK;
        double lane[SP_DOT_LANES] = {};
        int64_t i = from;
        for (; i + SP_DOT_LANES <= end; i += SP_DOT_LANES) {
            for (int j = 0; j < SP_DOT_LANES; j++) lane[j] += at(i + j);
        }
        for (int j = 0; i + j < end; j++) lane[j] += at(i + j);
        for (int half = SP_DOT_LANES / 2; half > 0; half /= 2) {
            for (int j = 0; j < half; j++) lane[j] += lane[j + half];
        }
        sum += lane[0];
    }
    return sum;
}

void exponentials(double* x, int64_t elements, double most) {
    for (int64_t i = 0; i < elements; i++) x[i] = expOf(x[i] - most);
}

double divergenceOf(double sum, double* __restrict x, const double* __restrict y, int64_t elements, double sumX,
                    double sumY) {
    constexpr double kFloor = 1e-8;
    for (int64_t i = 0; i < elements; i++) {
        const double p = x[i] / sumX + kFloor, q = y[i] / sumY + kFloor;
        x[i] = p * logOf(p / q);
    }
    return sumOf(sum, elements, [=](int64_t i) { return x[i]; });
}

}  // namespace

void divergence(const DivergenceCall& call) {
    const int64_t n = call.rowLength;
    for (int64_t row = 0; row < call.rows; row++) {
        double* const x = call.x + row * n;
        double* const y = call.y + row * n;
        double* const state = call.states + row * SP_DIVERGENCE_STATE;
        if (call.steps & SP_MAXIMA) {
            const double mostX = largest(x, n), mostY = largest(y, n);
            state[0] = mostX != mostX || mostX > state[0] ? mostX : state[0];
            state[1] = mostY != mostY || mostY > state[1] ? mostY : state[1];
        }
        if (call.steps & (SP_SOFTMAX_SUMS | SP_DIVERGENCE)) {
            exponentials(x, n, state[0]);
            exponentials(y, n, state[1]);
        }
        if (call.steps & SP_SOFTMAX_SUMS) {
            state[2] = sumOf(state[2], n, [=](int64_t i) { return x[i]; });
            state[3] = sumOf(state[3], n, [=](int64_t i) { return y[i]; });
        }
        if (call.steps & SP_DIVERGENCE) state[4] = divergenceOf(state[4], x, y, n, state[2], state[3]);
    }
}

}  // namespace stockpot::SP_TARGET
