// out[i] = round(sum over k of weights[k] * sources[k][i] / divisor), by the numbers contract. In plain C++, for one
// element and without weights:
//
//     acc = sources[0][i];
//     for (int k = 1; k < count; k++) acc = acc + sources[k][i];
//     out[i] = round(acc / divisor);
//
// A thread keeps the accumulators of a group of neighbouring elements in registers while it takes the sources one after
// another, so memory is read once and written once, and the order of the additions is the contract's. The type of a
// source is checked once per group, which costs nothing next to the memory: all threads take the same branch.
#ifndef STOCKPOT_CUDA_MIX_CUH
#define STOCKPOT_CUDA_MIX_CUH

#include "arguments.h"
#include "arithmetic.cuh"
#include "groups.cuh"

namespace stockpot::cuda {

template <class Acc, int kGroup>
SP_DEVICE void loadSource(int dtype, const char* source, int64_t first, int valid, Acc (&x)[kGroup]) {
    if constexpr (sizeof(Acc) == 8) {
        if (dtype == kF64) return loadGroup<F64>(source + first * 8, valid, x);
        if (dtype == kF32) return loadGroup<F32>(source + first * 4, valid, x);
    }
    switch (dtype) {
        case kF16:
            return loadGroup<F16>(source + first * 2, valid, x);
        case kBF16:
            return loadGroup<BF16>(source + first * 2, valid, x);
        case kE5M2:
            return loadGroup<E5M2>(source + first, valid, x);
        default:
            return loadGroup<E4M3>(source + first, valid, x);
    }
}

template <class Acc, int kGroup>
SP_DEVICE bool storeOut(int dtype, char* out, int64_t first, int valid, const Acc (&x)[kGroup]) {
    switch (dtype) {
        case kF64:
            return storeGroup<F64>(out + first * 8, valid, x);
        case kF32:
            return storeGroup<F32>(out + first * 4, valid, x);
        case kF16:
            return storeGroup<F16>(out + first * 2, valid, x);
        case kBF16:
            return storeGroup<BF16>(out + first * 2, valid, x);
        case kE5M2:
            return storeGroup<E5M2>(out + first, valid, x);
        default:
            return storeGroup<E4M3>(out + first, valid, x);
    }
}

// AccType is Acc as an element type, in which the accumulators of a mix of several launches are kept.
template <class Acc, class AccType, int kGroup>
SP_DEVICE void mixGroup(const MixArguments& call, int64_t first, int valid) {
    char* kept = (char*)call.accumulators + first * (int64_t)sizeof(Acc);
    Acc sums[kGroup];
    if (call.flags & kResume) {
        loadGroup<AccType>(kept, valid, sums);
    } else {
        // Adding to -0, and to no other value, leaves the bits of every x, and of every w * x, as they are.
#pragma unroll
        for (int j = 0; j < kGroup; j++) sums[j] = (Acc)-0.0;
    }
#pragma unroll 1
    for (int k = 0; k < call.count; k++) {
        Acc x[kGroup];
        loadSource(call.dtypes[k], (const char*)call.sources[k], first, valid, x);
        if (call.flags & kWeighted) {
            Acc weight = (Acc)call.weights[k];
#pragma unroll
            for (int j = 0; j < kGroup; j++) sums[j] = multiplyAdd(weight, x[j], sums[j]);
        } else {
#pragma unroll
            for (int j = 0; j < kGroup; j++) sums[j] = add(sums[j], x[j]);
        }
    }
    if (!(call.flags & kFinish)) {
        storeGroup<AccType>(kept, valid, sums);
        return;
    }
    if (call.reciprocal != 0) {
#pragma unroll
        for (int j = 0; j < kGroup; j++) sums[j] = multiply(sums[j], (Acc)call.reciprocal);
    } else {
#pragma unroll
        for (int j = 0; j < kGroup; j++) sums[j] = divide(sums[j], (Acc)call.divisor);
    }
    // Of all threads that store the same word, any may be the last.
    if (!storeOut(call.outDtype, (char*)call.out, first, valid, sums)) store<uint32_t>((char*)call.notFinite, 1);
}

template <class Acc, class AccType, int kGroup>
SP_DEVICE void mix(const MixArguments& call) {
    const int64_t stride = (int64_t)gridDim.x * blockDim.x * kGroup;
    for (int64_t first = ((int64_t)blockIdx.x * blockDim.x + threadIdx.x) * kGroup; first < call.elements;
         first += stride) {
        int64_t left = call.elements - first;
        mixGroup<Acc, AccType, kGroup>(call, first, left < kGroup ? (int)left : kGroup);
    }
}

}  // namespace stockpot::cuda

#endif  // STOCKPOT_CUDA_MIX_CUH
