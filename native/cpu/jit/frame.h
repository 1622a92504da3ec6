// The memory that a compiled formula works with: what differs from call to call, and what does not fit into registers.
#ifndef STOCKPOT_JIT_FRAME_H
#define STOCKPOT_JIT_FRAME_H

#include <stdint.h>

#include "../kernels.h"
#include "stockpot.h"

namespace stockpot::jit {

// Elements that go through the compiled loop at a time.
constexpr int kStride = 64;
// Rounds of Philox.
constexpr int kRounds = 7;
// Bytes of the elements that a value is kept of, for the loops that form sums.
constexpr int kKeptBytes = 2048;

// What every frame begins with.
struct Common {
    // The groups of random numbers that lanes hold, so that what they make ends up in order.
    alignas(64) uint64_t turns[8] = {0, 4, 1, 5, 2, 6, 3, 7};
    alignas(64) uint32_t largest[16] = {};
    uint64_t m0 = 0xD2511F53, m1 = 0xCD9E8D57;
    uint64_t magnitude64 = 0x7FFFFFFFFFFFFFFF, upper32 = 0x7FFFFFFF00000000;
    double one64 = 1;
    float one = 1;
    uint32_t magnitude = 0x7FFFFFFF, infinity = 0x7F800000, nan = 0x7FC00000;
    uint32_t magnitude16 = 0x7FFF7FFF, upper16 = 0xFFFF0000, lower15 = 0x7FFF, bit = 1;
    uint64_t evenBits = 0x5555555555555555, oddBits = 0xAAAAAAAAAAAAAAAA;
};

// Where pairs go, a vector has the even or the odd ones of 32 elements: which element the j-th of the lanes holds.
inline int pairedAt(int j) { return j / 32 * 32 + j % 16 * 2 + j / 16 % 2; }

// A window of ranks: the patterns of kStride elements that are in it are at least `last` and below `above`. Elements
// that are behind a place in the call have a limit that is one higher.
struct Window {
    alignas(64) uint32_t last[kStride], above[kStride];
    uint32_t lastPattern, abovePattern;
    int64_t lastAt, aboveAt;

    void limit(int64_t first, bool pairs) {
        for (int j = 0; j < kStride; j++) {
            const int64_t at = first + (pairs ? pairedAt(j) : j);
            last[j] = lastPattern + (at > lastAt);
            above[j] = abovePattern + (at > aboveAt);
        }
    }
};
// Ranges of a histogram, and where the next number of a range goes. Of a single range `number` is its length.
struct Bins {
    uint64_t shift[2];
    uint64_t to;
    uint32_t from, number;
};
// Random numbers that are compared with a constant: which elements of a block are below it, a bit for each lane. The
// upper 16 bits of the numbers tell, unless they are those of the constant.
struct Generator {
    uint64_t below[SP_DOT_BLOCK / kStride], undecided;
    // The number of the next group of eight.
    uint64_t group;
    uint32_t keys[kRounds][2];
    uint32_t stream;
    uint16_t upper, upperLess1;
    uint32_t lower;
};

// What is compiled into a formula beside its steps and types. Of the k-th step of its kind: whether a window begins
// with the largest element, whether a histogram has one range, and whether that ends with the largest, too; whether an
// operand is a constant +0.
inline const int32_t* stepOf(const FormulaCall& call, int op, int k) {
    for (int s = 0;; s++) {
        if (call.code[5 * s] == op && k-- == 0) return call.code + 5 * s;
    }
}
inline bool startsAtTop(const FormulaCall& call, int k) {
    return call.numbers[stepOf(call, SP_OP_WITHIN, k)[3]] == 0x7FFFFFFF;
}
enum Ranges : int32_t { kSeveral, kOne, kOneToTop };
inline Ranges rangesOf(const FormulaCall& call, int k) {
    const int64_t* bins = call.numbers + stepOf(call, SP_OP_HISTOGRAM, k)[3];
    return bins[2] != 1 ? kSeveral : bins[0] + (1ll << bins[1]) > 0x7FFFFFFF ? kOneToTop : kOne;
}
inline bool hasOneRange(const FormulaCall& call, int k) { return rangesOf(call, k) != kSeveral; }
// The constant that numbers of the k-th generator are compared with, as a multiple of 2^-24: those below it are less.
inline uint32_t limitOf(const FormulaCall& call, bool wide, int k) {
    const int32_t* random = stepOf(call, SP_OP_RANDOM, k);
    const int32_t* less = random + 5;
    while (less[0] != SP_OP_LESS || less[2] != random[1]) less += 5;
    const double constant = call.constants[~less[3]], limit = (wide ? constant : (double)(float)constant) * 0x1p24;
    if (!(limit > 0)) return 0;
    return limit >= 0x1p24 ? 1u << 24 : (uint32_t)__builtin_ceil(limit);
}
inline bool isZero(const FormulaCall& call, int operand) {
    return operand < 0 && call.constants[~operand] == 0 && !__builtin_signbit(call.constants[~operand]);
}

// How many places the steps of a formula take in its frame, and where they begin.
struct Frame {
    static constexpr int kFound = SP_DOT_BLOCK + 16;

    // Whether vectors hold the even or the odd ones of 32 elements. That takes fewer instructions if all values that
    // are read and written are BF16, the upper halves of F32.
    bool pairs;
    int windowCount = 0, binsCount = 0, generatorCount = 0, countCount = 0, dots = 0, outs = 0;
    int sources, constants, sums, counts, windows, bins, generators, found, kept, spills;

    // The most sums whose lanes stay in registers while elements go through the formula: products take registers, too.
    int sumsInRegisters() const { return dots > 0 ? 4 : kMostInRegisters; }
    static constexpr int kMostInRegisters = 6;

    Frame(const FormulaCall& call, bool wide) {
        pairs = !wide && (!call.out || call.outDtype == SP_BF16);
        for (int k = 0; k < call.count; k++) pairs &= call.sourceDtypes[k] == SP_BF16;
        for (int s = 0; s < call.steps; s++) {
            const int op = call.code[5 * s];
            windowCount += op == SP_OP_WITHIN;
            generatorCount += op == SP_OP_RANDOM;
            binsCount += op == SP_OP_HISTOGRAM;
            countCount += op == SP_OP_COUNT || op == SP_OP_HISTOGRAM;
            dots += op == SP_OP_DOT;
            outs += op == SP_OP_OUT;
        }
        int at = sizeof(Common);
        auto take = [&](int number, int64_t bytes) {
            const int here = at;
            at = (int)(at + number * bytes + 63) / 64 * 64;
            return here;
        };
        const int mostKept = call.sumCount > sumsInRegisters() ? 2 * call.sumCount : 0;
        sources = take(call.count + 1 + mostKept, 8);  // And the output, and what is kept.
        constants = take(call.constantCount, 8);
        sums = take(call.sumCount, SP_DOT_LANES * 8);
        counts = take(countCount, 8);
        windows = take(windowCount, sizeof(Window));
        bins = take(binsCount, sizeof(Bins));
        generators = take(generatorCount, sizeof(Generator));
        found = take(binsCount, kFound * 4);
        kept = take(mostKept, kKeptBytes);
        spills = at;
    }
};

// Writes what a call needs to its frame.
void fill(char* to, const FormulaCall& call, bool wide, const Frame& frame);
// Sets the limits of all windows for elements from `at` on, and returns up to which of them, at most `end`, they hold.
int64_t limit(char* to, const Frame& frame, int64_t at, int64_t end);
// Counts the numbers of ranges that a block of elements was in.
void countFound(char* to, const FormulaCall& call, const Frame& frame);
// Ends the sums of a block: adds the lanes in a tree, then to the totals, and begins anew.
void addLanes(const FormulaCall& call, const Frame& frame, double* lanes);
// Copies the lanes of all sums, in the order of elements.
void copyLanes(double* to, const FormulaCall& call, const Frame& frame, const double* lanes);
// Adds what was counted to the call's counts.
void addCounts(const char* to, const FormulaCall& call, const Frame& frame);

}  // namespace stockpot::jit

#endif  // STOCKPOT_JIT_FRAME_H
