#include "frame.h"

#include <string.h>

#include <initializer_list>
#include <new>

namespace stockpot::jit {

namespace {

// A place relative to the call's first element, or just outside of the call.
int64_t relative(int64_t index, const FormulaCall& call) {
    const int64_t r = index - call.first;
    return r < -1 ? -1 : r > call.elements ? call.elements : r;
}

}  // namespace

void fill(char* to, const FormulaCall& call, bool wide, const Frame& frame) {
    new (to) Common;
    memcpy(to + frame.sources, call.sources, (size_t)call.count * 8);
    memcpy(to + frame.sources + (size_t)call.count * 8, &call.out, 8);
    for (int k = 0; k < call.constantCount; k++) {
        if (wide) {
            ((double*)(to + frame.constants))[k] = call.constants[k];
        } else {
            ((float*)(to + frame.constants))[k] = (float)call.constants[k];
        }
    }
    memset(to + frame.sums, 0, (size_t)call.sumCount * SP_DOT_LANES * 8);
    memset(to + frame.counts, 0, (size_t)frame.countCount * 8);
    for (int k = 0; k < frame.windowCount; k++) {
        const int64_t* window = call.numbers + stepOf(call, SP_OP_WITHIN, k)[3];
        Window& w = ((Window*)(to + frame.windows))[k];
        w.abovePattern = (uint32_t)window[0], w.aboveAt = relative(window[1], call);
        w.lastPattern = (uint32_t)window[2], w.lastAt = relative(window[3], call);
    }
    for (int k = 0; k < frame.binsCount; k++) {
        const int64_t* bins = call.numbers + stepOf(call, SP_OP_HISTOGRAM, k)[3];
        ((Bins*)(to + frame.bins))[k] = {
            {(uint64_t)bins[1], 0}, 0, (uint32_t)bins[0], (uint32_t)(bins[2] == 1 ? 1ll << bins[1] : bins[2])};
    }
    for (int k = 0; k < frame.generatorCount; k++) {
        const int64_t* numbers = call.numbers + stepOf(call, SP_OP_RANDOM, k)[3];
        Generator& generator = ((Generator*)(to + frame.generators))[k];
        const uint32_t limit = limitOf(call, wide, k);
        generator.undecided = 0;
        generator.group = (uint64_t)call.first / 8;
        generator.stream = (uint32_t)numbers[1];
        generator.upper = (uint16_t)(limit >> 8);
        generator.upperLess1 = (uint16_t)((limit >> 8) - 1);
        generator.lower = limit & 0xFF;
        const uint64_t seed = (uint64_t)numbers[0];
        for (uint32_t round = 0; round < kRounds; round++) {
            generator.keys[round][0] = (uint32_t)seed + round * 0x9E3779B9;
            generator.keys[round][1] = (uint32_t)(seed >> 32) + round * 0xBB67AE85;
        }
    }
}

int64_t limit(char* to, const Frame& frame, int64_t at, int64_t end) {
    for (int k = 0; k < frame.windowCount; k++) {
        Window& window = ((Window*)(to + frame.windows))[k];
        window.limit(at, frame.pairs);
        for (int64_t place : {window.lastAt, window.aboveAt}) {
            // The first element that has another limit is the one behind the place.
            const int64_t change = place + 1, stride = change / kStride * kStride;
            if (change > at && change < end) end = stride > at ? stride : at + kStride;
        }
    }
    return end;
}

void countFound(char* to, const FormulaCall& call, const Frame& frame) {
    for (int k = 0; k < frame.binsCount; k++) {
        if (hasOneRange(call, k)) continue;
        Bins& bins = ((Bins*)(to + frame.bins))[k];
        const uint32_t* found = (const uint32_t*)(to + frame.found) + (size_t)k * Frame::kFound;
        int64_t* counts = call.counts + stepOf(call, SP_OP_HISTOGRAM, k)[4];
        if (bins.to) {
            for (const uint32_t* end = (const uint32_t*)bins.to; found < end; found++) counts[*found]++;
        }
        bins.to = (uint64_t)(to + frame.found) + (uint64_t)k * Frame::kFound * 4;
    }
}

void addLanes(const FormulaCall& call, const Frame& frame, double* lanes) {
    constexpr int kHalf = SP_DOT_LANES / 2;
    for (int k = 0; k < call.sumCount; k++) {
        double* lane = lanes + k * SP_DOT_LANES;
        if (frame.pairs) {
            // The even lanes come first: the last two that are added are those.
            for (int half = kHalf / 2; half > 0; half /= 2) {
                for (int j = 0; j < half; j++) lane[j] += lane[j + half], lane[kHalf + j] += lane[kHalf + j + half];
            }
            lane[0] += lane[kHalf];
        } else {
            for (int half = kHalf; half > 0; half /= 2) {
                for (int j = 0; j < half; j++) lane[j] += lane[j + half];
            }
        }
        call.sums[k] += lane[0];
        memset(lane, 0, SP_DOT_LANES * 8);
    }
}

void copyLanes(double* to, const FormulaCall& call, const Frame& frame, const double* lanes) {
    for (int j = 0; j < call.sumCount * SP_DOT_LANES; j++) {
        const int lane = j % SP_DOT_LANES;
        to[j - lane + (frame.pairs ? pairedAt(lane) : lane)] = lanes[j];
    }
}

void addCounts(const char* to, const FormulaCall& call, const Frame& frame) {
    const int64_t* counts = (const int64_t*)(to + frame.counts);
    int at = 0, histogram = 0;
    for (int s = 0; s < call.steps; s++) {
        const int32_t* code = call.code + 5 * s;
        const bool oneRange = code[0] == SP_OP_HISTOGRAM && hasOneRange(call, histogram++);
        if (code[0] == SP_OP_COUNT || oneRange) call.counts[code[4]] += counts[at];
        at += code[0] == SP_OP_COUNT || code[0] == SP_OP_HISTOGRAM;
    }
}

}  // namespace stockpot::jit
