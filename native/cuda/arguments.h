// The arguments of the kernels. Java writes these bytes (class KernelArguments), so change both together.
#ifndef STOCKPOT_CUDA_ARGUMENTS_H
#define STOCKPOT_CUDA_ARGUMENTS_H

#include <stddef.h>
#include <stdint.h>

namespace stockpot::cuda {

// Sources of one launch; more of them take several launches.
constexpr int kMostSources = 64;

// Threads of a CUDA block, for every kernel.
constexpr int kThreads = 256;

// Element types by the codes of sp_dtype_code.
enum Dtype { kF64 = 0, kF32 = 1, kF16 = 2, kBF16 = 3, kE5M2 = 4, kE4M3 = 5 };

enum MixFlags {
    kWeighted = 1,
    kResume = 2,  // sums start from the accumulators, not from the first source
    kFinish = 4   // sums are divided and rounded to out, not left in the accumulators
};

struct MixArguments {
    uint64_t sources[kMostSources];  // device addresses, any alignment
    double weights[kMostSources];    // already rounded to the accumulator's type
    uint64_t out;                    // device address, any alignment
    uint64_t accumulators;           // device address of one for each element, aligned to 16; unused by a single launch
    int64_t elements;
    double divisor;      // in the accumulator's type
    double reciprocal;   // 1 / divisor if that is exact for every sum, else 0
    uint64_t notFinite;  // address of a word that becomes 1 if a result is infinite or no number; in pinned host memory
    int32_t outDtype;
    int32_t count;
    int32_t flags;
    uint8_t dtypes[kMostSources];
};

struct DotArguments {
    uint64_t sources[kMostSources];  // device addresses, any alignment
    uint64_t vector;                 // device address, any alignment
    uint64_t blockSums;              // device address of doubles: [count][blocks of SP_DOT_BLOCK elements]
    int64_t elements;
    int32_t vectorDtype;
    int32_t count;
    uint8_t dtypes[kMostSources];
};

// One formula, as sp_compute has it, in arrays on the device. A step is eight ints: the five of sp_compute, of which
// TABLE, RANDOM, WITHIN and HISTOGRAM use `b` for the place of their table or numbers; then three that are unused. The
// `c` of SUM, DOT and COUNT is the number of a sum, that of HISTOGRAM the place of its first bin.
struct FormulaArguments {
    uint64_t steps;      // [stepCount][8] of int32, aligned to 16
    uint64_t constants;  // doubles
    uint64_t numbers;    // int64
    uint64_t sources;    // [][2] of int64: device address, any alignment; type
    uint64_t tables;     // doubles; the table's number for the launch's element i is at (i + offset) / each % length
    uint64_t shapes;     // [][4] of int64: place in tables, length, each, offset; each and offset below 2^31
    uint64_t out;        // device address, any alignment
    uint64_t blockSums;  // doubles: [sums][blocks of SP_DOT_BLOCK elements]; counts among them
    uint64_t bins;       // uint32, to be added to
    uint64_t notFinite;  // as in MixArguments
    int64_t first;       // the index of the first element in its tensor
    int64_t elements;    // fewer than 2^31
    int32_t stepCount;
    int32_t registers;
    int32_t sums;
    int32_t outDtype;
};

static_assert(offsetof(MixArguments, out) == 1024 && offsetof(MixArguments, notFinite) == 1064 &&
              offsetof(MixArguments, outDtype) == 1072 && offsetof(MixArguments, dtypes) == 1084 &&
              sizeof(MixArguments) == 1152);
static_assert(offsetof(DotArguments, vector) == 512 && offsetof(DotArguments, vectorDtype) == 536 &&
              offsetof(DotArguments, dtypes) == 544 && sizeof(DotArguments) == 608);
static_assert(offsetof(FormulaArguments, first) == 80 && offsetof(FormulaArguments, stepCount) == 96 &&
              sizeof(FormulaArguments) == 112);

}  // namespace stockpot::cuda

#endif  // STOCKPOT_CUDA_ARGUMENTS_H
