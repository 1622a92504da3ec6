// Elements that are dropped at random by their rank in a row, compiled once for each instruction set: define SP_TARGET
// as its namespace first. The loops are plain, in a form that compilers make vector code of.
//
// A rank is rarely needed itself: a histogram of the row's patterns tells between which ranks an element is, and mostly
// its random number is below or above the chances of all of these. For the few others ranks are counted; if there are
// many, as where deltas have few different values, their bins are sorted.
#include <string.h>

#include "drop.h"
#include "stockpot.h"

namespace stockpot::SP_TARGET {
namespace {

// Bins are the octaves below the row's largest magnitude, each in equal parts; what is smaller is in the first bin.
// They are finer if the row's magnitudes are closer together.
constexpr int kOctaves = 16, kMantissaBits = 23;
constexpr int kMostParts = 256;
constexpr int kMostBins = kOctaves * kMostParts;
// Fewer elements a bin than this make more work of the bins than they save.
constexpr int kElementsPerBin = 4;
// Up to so many elements of a row, ranks are found by comparing with all others.
constexpr int kFew = 32;

constexpr int32_t kInfinity = 0x7F800000, kNan = 0x7FC00000;

// The magnitude's F32 pattern; every NaN has the same.
template <class T>
inline int32_t patternOf(T x) {
    const float magnitude = __builtin_fabsf((float)x);
    int32_t pattern;
    memcpy(&pattern, &magnitude, sizeof pattern);
    return pattern > kInfinity ? kNan : pattern;
}

template <class T>
inline bool isFinite(T x) {
    return x - x == 0;
}

// x if it stays, else +0: without a branch, which no processor could predict.
inline float orZero(float x, bool stays) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits &= 0 - (uint32_t)stays;
    memcpy(&x, &bits, sizeof bits);
    return x;
}

inline double orZero(double x, bool stays) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits &= 0 - (uint64_t)stays;
    memcpy(&x, &bits, sizeof bits);
    return x;
}

// Adds the magnitudes of a row to a sum, as sp_dot adds products.
template <class T>
double addMagnitudes(double sum, const T* x, int64_t elements) {
    for (int64_t from = 0; from < elements; from += SP_DOT_BLOCK) {
        const int64_t end = elements - from < SP_DOT_BLOCK ? elements : from + SP_DOT_BLOCK;
        double lane[SP_DOT_LANES] = {};
        int64_t i = from;
        for (; i + SP_DOT_LANES <= end; i += SP_DOT_LANES) {
            for (int j = 0; j < SP_DOT_LANES; j++) lane[j] += __builtin_fabs((double)x[i + j]);
        }
        for (int j = 0; i + j < end; j++) lane[j] += __builtin_fabs((double)x[i + j]);
        int half = SP_DOT_LANES / 2;
        while (half >= elements && half > 0) half /= 2;  // The other lanes are 0.
        for (; half > 0; half /= 2) {
            for (int j = 0; j < half; j++) lane[j] += lane[j + half];
        }
        sum += lane[0];
    }
    return sum;
}

// For each rank the least random number, a multiple of 2^-24, that is not below its chance.
void setChances(const DropCall& call) {
    const double most = (double)call.rowLength - 1;
    for (int64_t rank = 0; rank < call.rowLength; rank++) {
        const double share = most == 0 ? 0.5 : (double)rank / most;
        const double chance = (call.density - call.epsilon) + (2 * call.epsilon) * share;
        call.chances[rank] = (float)(__builtin_ceil(chance * 0x1p24) * 0x1p-24);
    }
}

// An element of a bin needs its rank if its random number is at least `least` and below `most`.
struct Bin {
    float least, most;
};

template <class T>
class Rows {
 public:
    explicit Rows(const DropCall& call)
        : n_((int32_t)call.rowLength),
          patterns_(call.patterns),
          chances_(call.chances),
          binOfEach_(call.bins),
          unsure_(call.unsure),
          keys_(call.keys) {}

    // Returns how many elements are left.
    int64_t drop(T* values, float* random) {
        setPatterns(values);
        if (largest_ >= kInfinity) keepNotFinite(values, random);
        if (n_ <= kFew) return dropAmongFew(values, random);
        setBins();
        const int64_t kept = dropByBin(values, random);
        return kept - (unsureCount_ <= kFew ? dropUnsure(values, random) : dropSorted(values, random));
    }

 private:
    void setPatterns(const T* values) {
        int32_t* const __restrict patterns = patterns_;
        int32_t smallest = kNan, largest = 0;
        for (int32_t i = 0, n = n_; i < n; i++) {
            const int32_t pattern = patternOf(values[i]);
            patterns[i] = pattern;
            smallest = smallest < pattern ? smallest : pattern;
            largest = largest > pattern ? largest : pattern;
        }
        smallest_ = smallest;
        largest_ = largest;
    }

    void keepNotFinite(const T* values, float* random) const {
        for (int32_t i = 0; i < n_; i++) random[i] = isFinite(values[i]) ? random[i] : -1;
    }

    int32_t rankOf(int32_t i) const {
        const int32_t* const patterns = patterns_;
        const int32_t pattern = patterns[i], n = n_;
        int32_t rank = 0;
        for (int32_t j = 0; j < i; j++) rank += patterns[j] <= pattern;
        for (int32_t j = i; j < n; j++) rank += patterns[j] < pattern;
        return rank;
    }

    int64_t dropAmongFew(T* values, const float* random) const {
        int64_t kept = 0;
        for (int32_t i = 0; i < n_; i++) {
            const bool stays = random[i] < chances_[rankOf(i)];
            values[i] = orZero(values[i], stays);
            kept += stays;
        }
        return kept;
    }

    void setBins() {
        int32_t shift = kMantissaBits;
        count_ = kOctaves;
        while (count_ < kMostBins && count_ * kElementsPerBin * 2 <= n_) {
            count_ *= 2;
            shift--;
        }
        while (shift > 0 && (largest_ >> (shift - 1)) - (smallest_ >> (shift - 1)) < count_) shift--;
        const int32_t first = (largest_ >> shift) + 1 - count_, n = n_;
        const int32_t* const patterns = patterns_;
        uint16_t* const __restrict binOfEach = binOfEach_;
        for (int32_t i = 0; i < n; i++) {
            const int32_t bin = (patterns[i] >> shift) - first;
            binOfEach[i] = (uint16_t)(bin < 0 ? 0 : bin);
        }
        memset(ranks_, 0, sizeof ranks_[0] * (size_t)(count_ + 1));
        for (int32_t i = 0; i < n; i++) ranks_[binOfEach[i] + 1]++;
        for (int32_t b = 0, rank = 0; b < count_; b++) {
            const int32_t next = rank + ranks_[b + 1];
            ranks_[b + 1] = next;
            if (next > rank) bins_[b] = {chances_[rank], chances_[next - 1]};
            rank = next;
        }
    }

    int64_t dropByBin(T* __restrict values, const float* random) {
        const uint16_t* const binOfEach = binOfEach_;
        int32_t* const __restrict unsure = unsure_;
        int32_t kept = 0, count = 0;
        for (int32_t i = 0, n = n_; i < n; i++) {
            const Bin bin = bins_[binOfEach[i]];
            const bool mayStay = random[i] < bin.most;
            values[i] = orZero(values[i], mayStay);
            kept += mayStay;
            unsure[count] = i;
            count += mayStay & !(random[i] < bin.least);
        }
        unsureCount_ = count;
        return kept;
    }

    int64_t dropUnsure(T* values, const float* random) const {
        int64_t dropped = 0;
        for (int32_t k = 0; k < unsureCount_; k++) {
            const int32_t i = unsure_[k];
            const bool stays = random[i] < chances_[rankOf(i)];
            values[i] = orZero(values[i], stays);
            dropped += !stays;
        }
        return dropped;
    }

    // Sorts the bins in which ranks are needed.
    int64_t dropSorted(T* values, const float* random) {
        bool isNeeded[kMostBins] = {};
        for (int32_t k = 0; k < unsureCount_; k++) isNeeded[binOfEach_[unsure_[k]]] = true;
        // Those of other bins go to the last place, which is free if there are any.
        int32_t places[kMostBins], end = 0;
        for (int32_t b = 0; b < count_; b++) {
            places[b] = isNeeded[b] ? end : n_ - 1;
            end += isNeeded[b] ? ranks_[b + 1] - ranks_[b] : 0;
        }
        for (int32_t i = 0; i < n_; i++) {
            const uint16_t bin = binOfEach_[i];
            keys_[places[bin]] = (uint64_t)patterns_[i] << 32 | (uint64_t)i;
            places[bin] += isNeeded[bin];
        }
        int64_t dropped = 0;
        for (int32_t b = 0; b < count_; b++) {
            const int32_t count = ranks_[b + 1] - ranks_[b];
            if (isNeeded[b]) dropped += dropSorted(values, random, keys_ + places[b] - count, count, b);
        }
        return dropped;
    }

    int64_t dropSorted(T* values, const float* random, uint64_t* keys, int32_t count, int32_t b) const {
        bool sorted = true;
        for (int32_t k = 1; k < count; k++) sorted &= keys[k - 1] < keys[k];
        if (!sorted) sortKeys(keys, count);
        const float* const chances = chances_ + ranks_[b];
        const float most = bins_[b].most;
        int64_t dropped = 0;
        for (int32_t k = 0; k < count; k++) {
            const int32_t i = (int32_t)keys[k];
            const bool stays = random[i] < chances[k];
            dropped += !stays & (random[i] < most);
            values[i] = orZero(values[i], stays);
        }
        return dropped;
    }

    const int32_t n_;
    int32_t* const patterns_;
    const float* const chances_;
    uint16_t* const binOfEach_;
    int32_t* const unsure_;
    uint64_t* const keys_;
    int32_t smallest_ = 0, largest_ = 0;
    int32_t count_ = 0, unsureCount_ = 0;
    int32_t ranks_[kMostBins + 1];  // Of each bin's first element.
    Bin bins_[kMostBins];
};

template <class T>
int64_t dropRows(const DropCall& call) {
    Rows<T> rows(call);
    int64_t kept = 0;
    for (int64_t row = 0; row < call.rows; row++) {
        T* values = (T*)call.values + row * call.rowLength;
        if (call.sums) call.sums[0] = addMagnitudes(call.sums[0], values, call.rowLength);
        kept += rows.drop(values, call.random + row * call.rowLength);
        if (call.sums) call.sums[1] = addMagnitudes(call.sums[1], values, call.rowLength);
    }
    return kept;
}

}  // namespace

int64_t drop(const DropCall& call) {
    if (call.rows == 0 || call.rowLength == 0) return 0;
    setChances(call);
    return call.wide ? dropRows<double>(call) : dropRows<float>(call);
}

}  // namespace stockpot::SP_TARGET
