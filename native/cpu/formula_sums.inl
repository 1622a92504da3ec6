// Sums of formulas, compiled once for each instruction set.
#include "formula_blocks.inl"

namespace stockpot::SP_TARGET {

template <class T, class F>
SP_INLINE void sumBlock(double* lanes, int elements, F term) {
    double sums[SP_DOT_LANES];
    for (int j = 0; j < SP_DOT_LANES; j++) sums[j] = lanes[j];
    int i = 0;
    for (; i + SP_DOT_LANES <= elements; i += SP_DOT_LANES) {
        for (int j = 0; j < SP_DOT_LANES; j++) sums[j] += term(i + j);
    }
    for (int j = 0; i + j < elements; j++) sums[j] += term(i + j);
    for (int j = 0; j < SP_DOT_LANES; j++) lanes[j] = sums[j];
}

// Dot products of one value with several others, which go through the registers together.
template <class T>
struct Dots {
    static constexpr int kMost = 4;
    int count = 0;
    const T* x = nullptr;
    const T* y[kMost];
    int sum[kMost];

    bool takes(const T* other) const { return x == other && count < kMost; }
    void add(const T* one, const T* other, int place) {
        x = one;
        y[count] = other;
        sum[count++] = place;
    }
};

SP_INLINE D wide(const float* p) { return loadWide(p); }
SP_INLINE D wide(const double* p) { return loadAccD(p); }

// The product of two F32 is exact in F64, so that adding it rounds once, fused or not.
SP_INLINE D plus(float, D x, D y, D sum) { return fma(x, y, sum); }
SP_INLINE D plus(double, D x, D y, D sum) { return add(sum, mul(x, y)); }

template <int kCount, class T>
SP_INLINE void dotBlock(double* lanes, const Dots<T>& dots, int n) {
    if constexpr (kLanes == 1) {
        for (int k = 0; k < kCount; k++) {
            const T *x = dots.x, *y = dots.y[k];
            sumBlock<T>(lanes + dots.sum[k] * SP_DOT_LANES, n, [=](int i) { return (double)x[i] * (double)y[i]; });
        }
        return;
    }
    const T* x = dots.x;
    const T* y[kCount];
    double* lane[kCount];
    for (int k = 0; k < kCount; k++) {
        y[k] = dots.y[k];
        lane[k] = lanes + dots.sum[k] * SP_DOT_LANES;
    }
    // A few lanes of all sums at a time stay in registers.
    for (int j = 0; j < SP_DOT_LANES; j += kLanes) {
        D sums[kCount];
        for (int k = 0; k < kCount; k++) sums[k] = loadAccD(lane[k] + j);
        int i = j;
        for (; i + kLanes <= n; i += SP_DOT_LANES) {
            const D a = wide(x + i);
#pragma GCC unroll 8
            for (int k = 0; k < kCount; k++) sums[k] = plus(T(), a, wide(y[k] + i), sums[k]);
        }
        for (int k = 0; k < kCount; k++) {
            storeAcc(lane[k] + j, sums[k]);
            for (int l = 0; i + l < n; l++) lane[k][j + l] += (double)x[i + l] * (double)y[k][i + l];
        }
    }
}

template <class T>
SP_INLINE void dotBlock(double* lanes, const Dots<T>& dots, int n) {
    switch (dots.count) {
        case 4:
            return dotBlock<4>(lanes, dots, n);
        case 3:
            return dotBlock<3>(lanes, dots, n);
        case 2:
            return dotBlock<2>(lanes, dots, n);
        default:
            return dotBlock<1>(lanes, dots, n);
    }
}

}  // namespace stockpot::SP_TARGET
