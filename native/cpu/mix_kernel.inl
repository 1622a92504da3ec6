// The kernel, compiled once for each instruction set: include a simd_*.h and define SP_TARGET as its namespace first.
//
// Up to eight sources of one type are added side by side, in registers; if there are more, their sums are kept for the
// next group in a block that stays in the L1 cache. The last group's sums are divided, rounded and stored at once if
// they come out in the sources' type: past the caches if the result is not read again soon, as memory then need not be
// read before it is written. Each source is prefetched into L2 a little ahead, which read more at a time than the
// processor's own prefetching of eight streams, or of one.
//
// Whether all results are finite is seen from the largest bits among them, of which each vector takes a maximum. Only
// if they are not, NaNs are made the same in what was stored; so that costs the usual results nothing.
//
// No function of the standard library is used here: an inline one compiled for AVX-512 could replace the same one
// elsewhere in the program.
#include "accumulators.inl"
#include "elements.inl"
#include "kernels.h"
#include "settle.inl"
#include "stockpot.h"

namespace stockpot::SP_TARGET {

constexpr int64_t kBlock = 2048;
constexpr int64_t kPrefetchAhead = 3072;  // Bytes.
constexpr int kMostBeside = 8;

// Whether x / divisor and x * (1 / divisor) are the same for every x: both then round the same exact value.
SP_INLINE bool isPowerOfTwo(double divisor) {
    uint64_t bits;
    __builtin_memcpy(&bits, &divisor, 8);
    uint64_t exponent = bits >> 52 & 0x7FF;
    return bits << 12 == 0 && exponent >= 1023 - 126 && exponent <= 1023 + 126;
}

// Some sources of one type, at most kMostBeside of them, and the sums of a block's elements so far.
template <class Acc>
struct Group {
    const char* sources[kMostBeside];
    int count;
    const double* weights;  // Of these sources; null for none.
    typename Acc::Scalar* sums;
    bool first;
    int64_t elements;
};

// Where results go.
struct Output {
    char* at;
    double divisor;
    bool pastCaches;
    Largest* largest;  // Of all results so far.
};

// Keeps sums for the next group.
template <class Acc>
struct Kept {
    typename Acc::Scalar* sums;
    SP_INLINE Largest largest(const Kept&) { return Largest{}; }
    SP_INLINE void put(const Kept& to, int64_t i, typename Acc::Vector sum, Largest&) { Acc::store(to.sums + i, sum); }
    SP_INLINE void finish(const Kept&, Largest) {}
};
// Divides, rounds and stores sums.
template <class Acc, class T>
struct Rounded {
    char* out;
    typename Acc::Vector by;
    bool divides, pastCaches;
    Largest* kept;
    explicit Rounded(const Output& output) {
        out = output.at;
        kept = output.largest;
        pastCaches = output.pastCaches;
        double divisor = (typename Acc::Scalar)output.divisor;
        // A multiplication is several times as fast as a division.
        divides = !isPowerOfTwo(divisor);
        by = Acc::splat(divides ? divisor : 1 / divisor);
    }
    SP_INLINE Largest largest(const Rounded& to) { return *to.kept; }
    SP_INLINE void put(const Rounded& to, int64_t i, typename Acc::Vector sum, Largest& largest) {
        constexpr int kBytes = Acc::kStep * T::kBytes;
        typename Acc::Vector quotient = to.divides ? Acc::div(sum, to.by) : Acc::mul(sum, to.by);
        char* out = to.out + i * T::kBytes;
        if (to.pastCaches) {
            alignas(64) char bytes[kBytes];
            Acc::template encode<T>(bytes, quotient, largest);
            storePast<kBytes>(out, bytes);
        } else {
            Acc::template encode<T>(out, quotient, largest);
        }
    }
    SP_INLINE void finish(const Rounded& to, Largest largest) { *to.kept = largest; }
};

// Adds kCount sources side by side. The first of all is added to -0, the one value that leaves the bits of every x, and
// of every w * x, as they are.
template <class Acc, class T, int kCount, bool kWeighted, class To>
void add(const Group<Acc>& group, const To& to) {
    typename Acc::Vector w[kCount];
    const char* sources[kCount];
    for (int k = 0; k < kCount; k++) {
        w[k] = Acc::splat(kWeighted ? group.weights[k] : 1);
        sources[k] = group.sources[k];
    }
    Largest largest = To::largest(to);
    for (int64_t i = 0; i < group.elements; i += Acc::kStep) {
        typename Acc::Vector sum = group.first ? Acc::splat(-0.0) : Acc::load(group.sums + i);
#pragma GCC unroll 8
        for (int k = 0; k < kCount; k++) {
            const char* p = sources[k] + i * T::kBytes;
            for (int line = 0; line < Acc::kStep * T::kBytes; line += 64) prefetch(p + kPrefetchAhead + line);
            typename Acc::Vector x = Acc::template decode<T>(p);
            sum = kWeighted ? Acc::fma(w[k], x, sum) : Acc::add(sum, x);
        }
        To::put(to, i, sum, largest);
    }
    To::finish(to, largest);
}

template <class Acc, class T, int kCount, class To>
void add(const Group<Acc>& group, const To& to) {
    if (group.weights) return add<Acc, T, kCount, true>(group, to);
    add<Acc, T, kCount, false>(group, to);
}

template <class Acc, class T, class To>
void add(const Group<Acc>& group, const To& to) {
    switch (group.count) {
        case 8:
            return add<Acc, T, 8>(group, to);
        case 4:
            return add<Acc, T, 4>(group, to);
        case 2:
            return add<Acc, T, 2>(group, to);
        default:
            return add<Acc, T, 1>(group, to);
    }
}

// With an output, which is of the group's own type, the results go there; without one the sums are kept.
template <class Acc, class T>
void add(const Group<Acc>& group, const Output* output) {
    if (output) return add<Acc, T>(group, Rounded<Acc, T>(*output));
    add<Acc, T>(group, Kept<Acc>{group.sums});
}

template <class Acc>
void add(int dtype, bool pairs, const Group<Acc>& group, const Output* output) {
    if constexpr (__is_same(Acc, InF32)) {
        if (pairs) return add<Acc, BF16Pairs>(group, output);
    } else {
        if (dtype == SP_F64) return add<Acc, F64>(group, output);
        if (dtype == SP_F32) return add<Acc, F32>(group, output);
    }
    switch (dtype) {
        case SP_F16:
            return add<Acc, F16>(group, output);
        case SP_BF16:
            return add<Acc, BF16>(group, output);
        case SP_F8_E5M2:
            return add<Acc, E5M2>(group, output);
        default:
            return add<Acc, E4M3>(group, output);
    }
}

template <class Acc, class T>
void finish(const typename Acc::Scalar* sums, const Output& output, int64_t elements) {
    using To = Rounded<Acc, T>;
    const To to(output);
    Largest largest = To::largest(to);
    for (int64_t i = 0; i < elements; i += Acc::kStep) To::put(to, i, Acc::load(sums + i), largest);
    To::finish(to, largest);
}

template <class Acc>
void finish(int dtype, bool pairs, const typename Acc::Scalar* sums, const Output& output, int64_t elements) {
    if constexpr (__is_same(Acc, InF32)) {
        if (pairs) return finish<Acc, BF16Pairs>(sums, output, elements);
    }
    switch (dtype) {
        case SP_F64:
            return finish<Acc, F64>(sums, output, elements);
        case SP_F32:
            return finish<Acc, F32>(sums, output, elements);
        case SP_F16:
            return finish<Acc, F16>(sums, output, elements);
        case SP_BF16:
            return finish<Acc, BF16>(sums, output, elements);
        case SP_F8_E5M2:
            return finish<Acc, E5M2>(sums, output, elements);
        default:
            return finish<Acc, E4M3>(sums, output, elements);
    }
}

// How many sources from k on are added side by side: a power of two of one type.
int groupAt(const MixCall& call, int k) {
    int alike = 1;
    while (alike < kMostBeside && k + alike < call.count && call.sourceDtypes[k + alike] == call.sourceDtypes[k])
        alike++;
    int count = kMostBeside;
    while (count > alike) count /= 2;
    return count;
}

// Mixes the last elements, fewer than kStep, through padded copies: no vector reaches past the end of an operand.
// Returns whether they are finite; what the padding comes to is no result.
template <class Acc>
bool mixTail(const MixCall& call, bool pairs, int64_t from) {
    alignas(64) typename Acc::Scalar sums[Acc::kStep];
    alignas(64) char padded[Acc::kStep * 8] = {};
    char* copy = padded;
    // Hides where this points: the compiler would object to the prefetch past its end, which is harmless.
    __asm__("" : "+r"(copy));
    int64_t left = call.elements - from;
    for (int k = 0; k < call.count; k++) {
        int bytes = dtypeBytes(call.sourceDtypes[k]);
        __builtin_memcpy(copy, (const char*)call.sources[k] + from * bytes, left * bytes);
        const double* weight = call.weights ? call.weights + k : nullptr;
        const Group<Acc> one = {{copy}, 1, weight, sums, k == 0, Acc::kStep};
        add<Acc>(call.sourceDtypes[k], pairs, one, nullptr);
    }
    Largest ignored = {};
    finish<Acc>(call.outDtype, pairs, sums, {copy, call.divisor, false, &ignored}, Acc::kStep);
    bool finite = settle(call.outDtype, copy, left);
    int bytes = dtypeBytes(call.outDtype);
    __builtin_memcpy(call.out + from * bytes, copy, left * bytes);
    return finite;
}

template <class Acc>
void mixBlock(const MixCall& call, bool pairs, int64_t from, int64_t elements, const Output& output) {
    alignas(64) typename Acc::Scalar sums[kBlock];
    for (int k = 0; k < call.count;) {
        int dtype = call.sourceDtypes[k];
        Group<Acc> group = {{}, groupAt(call, k), call.weights ? call.weights + k : nullptr, sums, k == 0, elements};
        for (int j = 0; j < group.count; j++) {
            group.sources[j] = (const char*)call.sources[k + j] + from * dtypeBytes(dtype);
        }
        k += group.count;
        if (k == call.count && dtype == call.outDtype) return add<Acc>(dtype, pairs, group, &output);
        add<Acc>(dtype, pairs, group, nullptr);
    }
    finish<Acc>(call.outDtype, pairs, sums, output, elements);
}

template <class Acc>
bool mixIn(const MixCall& call, bool pairs) {
    Largest largest = {};
    // Stores past the caches need whole lines; at other addresses they would save nothing.
    bool pastCaches = call.pastCaches && (intptr_t)call.out % 64 == 0;
    int64_t whole = call.elements / Acc::kStep * Acc::kStep;
    for (int64_t from = 0; from < whole; from += kBlock) {
        int64_t elements = whole - from < kBlock ? whole - from : kBlock;
        char* out = call.out + from * dtypeBytes(call.outDtype);
        mixBlock<Acc>(call, pairs, from, elements, {out, call.divisor, pastCaches, &largest});
    }
    if (pastCaches) finishPast();
    bool finite = settle(call.outDtype, (char*)&largest, sizeof largest / dtypeBytes(call.outDtype));
    if (!finite) settle(call.outDtype, call.out, whole);
    if (whole < call.elements) finite &= mixTail<Acc>(call, pairs, whole);
    return finite;
}

bool mix(const MixCall& call) {
    bool wide = false;
    bool pairs = call.outDtype == SP_BF16;
    for (int k = 0; k < call.count; k++) {
        wide |= call.sourceDtypes[k] == SP_F32 || call.sourceDtypes[k] == SP_F64;
        pairs &= call.sourceDtypes[k] == SP_BF16;
    }
    return wide ? mixIn<InF64>(call, false) : mixIn<InF32>(call, pairs);
}

}  // namespace stockpot::SP_TARGET
