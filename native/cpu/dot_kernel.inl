// Dot products of one vector with many sources, compiled once for each instruction set: include a simd_*.h and define
// SP_TARGET as its namespace first.
//
// The vector's elements go through in blocks, widened to F64 once and kept in the L1 cache while the same block of one
// source after another streams past. While a source is read, its block after next is prefetched into L2, as when
// mixing. A product and its addition are rounded separately; unless an operand is F64, the product is exact and nothing
// is lost.
//
// No function of the standard library is used here, for the reason that mix_kernel.inl gives.
#include "elements.inl"
#include "kernels.h"
#include "stockpot.h"

namespace stockpot::SP_TARGET {

constexpr int64_t kDotPrefetchAhead = 2 * SP_DOT_BLOCK;
constexpr int kVectors = SP_DOT_LANES / kLanes;
static_assert(SP_DOT_LANES % kLanes == 0 && SP_DOT_BLOCK % SP_DOT_LANES == 0);

// BF16 with the even elements of each kLanes before the odd ones: converted to F64 with fewer instructions.
struct SplitBF16 {
    static constexpr int kBytes = 2;
};

template <class T>
SP_INLINE D decode(const char* p) {
    if constexpr (__is_same(T, SplitBF16)) {
        return decodeSplitBF16(p);
    } else if constexpr (__is_same(T, F32)) {
        return decodeWideF32(p);
    } else {
        return decodeWide<T>(p);
    }
}

template <class T>
SP_INLINE double sumOf(D (&lanes)[kVectors]) {
    for (int n = kVectors / 2; n > 0; n /= 2) {
        for (int v = 0; v < n; v++) lanes[v] = add(lanes[v], lanes[v + n]);
    }
    return sumInTree(__is_same(T, SplitBF16) ? joinPairs(lanes[0]) : lanes[0]);
}

// The dot product of at most a block; elements must be a multiple of SP_DOT_LANES. The vector is in the order in which
// T is decoded. kFused if no operand is F64: a product is then exact, and rounding it separately changes nothing.
template <class T, bool kFused>
double dotBlock(const double* vector, const char* source, int64_t elements) {
    D lanes[kVectors];
    for (int v = 0; v < kVectors; v++) lanes[v] = splatD(0);
    for (int64_t i = 0; i < elements; i += SP_DOT_LANES) {
        const char* p = source + i * T::kBytes;
        for (int line = 0; line < SP_DOT_LANES * T::kBytes; line += 64) {
            prefetch(p + kDotPrefetchAhead * T::kBytes + line);
        }
        for (int v = 0; v < kVectors; v++) {
            D x = decode<T>(p + v * kLanes * T::kBytes);
            D y = loadAccD(vector + i + v * kLanes);
            lanes[v] = kFused ? fma(x, y, lanes[v]) : add(lanes[v], mul(x, y));
        }
    }
    return sumOf<T>(lanes);
}

template <class T>
double dotBlock(bool exact, const double* vector, const char* source, int64_t elements) {
    // If fma is a function rather than an instruction, it is slow.
    if (exact && kLanes > 1) return dotBlock<T, true>(vector, source, elements);
    return dotBlock<T, false>(vector, source, elements);
}

double dotBlock(int dtype, bool exact, bool split, const double* vector, const char* source, int64_t elements) {
    if (split) return dotBlock<SplitBF16>(exact, vector, source, elements);
    switch (dtype) {
        case SP_F64:
            return dotBlock<F64, false>(vector, source, elements);
        case SP_F32:
            return dotBlock<F32>(exact, vector, source, elements);
        case SP_F16:
            return dotBlock<F16>(exact, vector, source, elements);
        case SP_BF16:
            return dotBlock<BF16>(exact, vector, source, elements);
        case SP_F8_E5M2:
            return dotBlock<E5M2>(exact, vector, source, elements);
        default:
            return dotBlock<E4M3>(exact, vector, source, elements);
    }
}

template <class T>
void widenBlock(double* out, const char* in, int64_t elements) {
    for (int64_t i = 0; i < elements; i += kLanes) {
        const char* p = in + i * T::kBytes;
        prefetch(p + kDotPrefetchAhead * T::kBytes);
        storeAcc(out + i, decode<T>(p));
    }
}

void widenBlock(int dtype, double* out, const char* in, int64_t elements) {
    switch (dtype) {
        case SP_F64:
            return widenBlock<F64>(out, in, elements);
        case SP_F32:
            return widenBlock<F32>(out, in, elements);
        case SP_F16:
            return widenBlock<F16>(out, in, elements);
        case SP_BF16:
            return widenBlock<BF16>(out, in, elements);
        case SP_F8_E5M2:
            return widenBlock<E5M2>(out, in, elements);
        default:
            return widenBlock<E4M3>(out, in, elements);
    }
}

void splitBlock(double* vector, int64_t elements) {
    for (int64_t i = 0; i < elements; i += kLanes) storeAcc(vector + i, splitPairs(loadAccD(vector + i)));
}

bool allBF16(const DotCall& call) {
    for (int k = 0; k < call.count; k++) {
        if (call.sourceDtypes[k] != SP_BF16) return false;
    }
    return true;
}

// The last block goes through copies, padded with zeros: they add +0, which changes no lane, as none is ever -0.
const char* padded(char* copy, const char* from, int dtype, int64_t elements) {
    __builtin_memset(copy, 0, SP_DOT_BLOCK * 8);
    __builtin_memcpy(copy, from, elements * dtypeBytes(dtype));
    // Hides where this points: the compiler would object to the prefetch past its end, which is harmless.
    __asm__("" : "+r"(copy));
    return copy;
}

void dot(const DotCall& call) {
    alignas(64) double vector[SP_DOT_BLOCK];
    alignas(64) char copy[SP_DOT_BLOCK * 8];
    const bool exact = call.vectorDtype != SP_F64;
    const bool split = allBF16(call);
    for (int64_t from = 0; from < call.elements; from += SP_DOT_BLOCK) {
        int64_t left = call.elements - from;
        int64_t elements = left < SP_DOT_BLOCK ? left : (int64_t)SP_DOT_BLOCK;
        int64_t filled = (elements + SP_DOT_LANES - 1) / SP_DOT_LANES * SP_DOT_LANES;
        const char* in = call.vector + from * dtypeBytes(call.vectorDtype);
        if (filled != elements) in = padded(copy, in, call.vectorDtype, elements);
        widenBlock(call.vectorDtype, vector, in, filled);
        if (split) splitBlock(vector, filled);
        for (int k = 0; k < call.count; k++) {
            int dtype = call.sourceDtypes[k];
            const char* source = (const char*)call.sources[k] + from * dtypeBytes(dtype);
            if (filled != elements) source = padded(copy, source, dtype, elements);
            call.sums[k] += dotBlock(dtype, exact, split, vector, source, filled);
        }
    }
}

}  // namespace stockpot::SP_TARGET
