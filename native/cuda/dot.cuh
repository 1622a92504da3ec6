// The sums of the blocks of dot products, with the lanes and the order of stockpot.h, so that their bits are those of
// every other kernel; the host adds them up in order. In plain C++, for one block and one source:
//
//     double lane[32] = {};
//     for (int i = 0; i < 2048; i++) lane[i % 32] += vector[i] * source[i];
//     for (int h = 16; h > 0; h /= 2) for (int j = 0; j < h; j++) lane[j] += lane[j + h];
//     blockSum = lane[0];
//
// A warp is the 32 lanes of one block and one source. The eight warps of a CUDA block share the block of the vector,
// which they widen to F64 in shared memory together. A lane's elements are 32 apart, so a warp loads neighbours, one
// element per lane.
#ifndef STOCKPOT_CUDA_DOT_CUH
#define STOCKPOT_CUDA_DOT_CUH

#include "arguments.h"
#include "groups.cuh"

namespace stockpot::cuda {

constexpr int kDotLanes = 32;
constexpr int kDotBlock = 2048;
constexpr int kDotWarps = kThreads / kDotLanes;

template <class T>
SP_DEVICE double loadWide(const char* operand, int64_t i) {
    using Bits = typename T::Bits;
    return (double)T::decode(loadElement<Bits>(operand + i * (int64_t)sizeof(Bits)));
}

SP_DEVICE double loadWide(int dtype, const char* operand, int64_t i) {
    switch (dtype) {
        case kF64:
            return loadWide<F64>(operand, i);
        case kF32:
            return loadWide<F32>(operand, i);
        case kF16:
            return loadWide<F16>(operand, i);
        case kBF16:
            return loadWide<BF16>(operand, i);
        case kE5M2:
            return loadWide<E5M2>(operand, i);
        default:
            return loadWide<E4M3>(operand, i);
    }
}

// One lane's sum. Elements past the end count as zeros: they add +0, which changes no lane, as none is ever -0.
// exact says that no operand is F64: a product is then exact, and fusing it with its addition changes nothing.
template <class T>
SP_DEVICE double dotLane(const double* vector, const char* source, int64_t from, int elements, int lane, bool exact) {
    constexpr int kAhead = 8;  // loads in flight at once
    double sum = 0;
#pragma unroll 1
    for (int i = lane; i < kDotBlock; i += kAhead * kDotLanes) {
        double x[kAhead];
#pragma unroll
        for (int n = 0; n < kAhead; n++) {
            int at = i + n * kDotLanes;
            x[n] = at < elements ? loadWide<T>(source, from + at) : 0;
        }
#pragma unroll
        for (int n = 0; n < kAhead; n++) {
            double y = vector[i + n * kDotLanes];
            sum = exact ? __fma_rn(x[n], y, sum) : __dadd_rn(sum, __dmul_rn(x[n], y));
        }
    }
    return sum;
}

SP_DEVICE double dotLane(int dtype, const double* vector, const char* source, int64_t from, int elements, int lane,
                         bool exact) {
    switch (dtype) {
        case kF64:
            return dotLane<F64>(vector, source, from, elements, lane, false);
        case kF32:
            return dotLane<F32>(vector, source, from, elements, lane, exact);
        case kF16:
            return dotLane<F16>(vector, source, from, elements, lane, exact);
        case kBF16:
            return dotLane<BF16>(vector, source, from, elements, lane, exact);
        case kE5M2:
            return dotLane<E5M2>(vector, source, from, elements, lane, exact);
        default:
            return dotLane<E4M3>(vector, source, from, elements, lane, exact);
    }
}

// gridDim.y times kDotWarps warps take a source each, gridDim.x strides over the blocks.
SP_DEVICE void dot(const DotArguments& call) {
    __shared__ double vector[kDotBlock];
    const int lane = (int)threadIdx.x % kDotLanes;
    const int k = (int)(blockIdx.y * kDotWarps + threadIdx.x / kDotLanes);
    const int64_t blocks = (call.elements + kDotBlock - 1) / kDotBlock;
    for (int64_t block = blockIdx.x; block < blocks; block += gridDim.x) {
        const int64_t from = block * kDotBlock;
        const int64_t left = call.elements - from;
        const int elements = left < kDotBlock ? (int)left : kDotBlock;
        __syncthreads();  // no thread still reads the previous block
        for (int i = (int)threadIdx.x; i < kDotBlock; i += kThreads) {
            vector[i] = i < elements ? loadWide(call.vectorDtype, (const char*)call.vector, from + i) : 0;
        }
        __syncthreads();
        if (k >= call.count) continue;
        const char* source = (const char*)call.sources[k];
        double sum = dotLane(call.dtypes[k], vector, source, from, elements, lane, call.vectorDtype != kF64);
#pragma unroll
        for (int h = kDotLanes / 2; h > 0; h /= 2) sum = __dadd_rn(sum, __shfl_down_sync(0xFFFFFFFFu, sum, h));
        if (lane == 0) store<double>((char*)call.blockSums + (k * blocks + block) * 8, sum);
    }
}

}  // namespace stockpot::cuda

#endif  // STOCKPOT_CUDA_DOT_CUH
