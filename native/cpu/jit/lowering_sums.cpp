#include <stddef.h>

#include "forms.h"
#include "lowering.h"

namespace stockpot::jit {

// Calls `update` with a sum's eight lanes that eight elements in F64 are added to, and which eight of the values these
// are.
template <class Update>
void Lowering::eachEight(int sum, Update update) {
    for (int k = 0; k < lanes_ / 8; k++) {
        update(firstSum_ + sum * kOctets + (sub_ * lanes_ / 8 + k) % kOctets, k == 1);
    }
}

// Where the loops that form sums find a value: sources where they are, unless each of the loops would take several
// instructions to decode them.
Lowering::Place Lowering::place(int operand) {
    Value& x = value(operand);
    if (x.source != kNone && dtypeBytes(call_.sourceDtypes[x.source]) > 2) return {true, x.source};
    vectorOf(operand);
    if (x.kept == kNone) {
        x.kept = keptCount_++;
        to_.store(kStore, x.vector, keptElements(x.kept, sub_ * lanes_));
    }
    return {false, x.kept};
}

Operand Lowering::keptElements(int number, int from) const {
    const int bytes = wide_ ? 8 : 4;
    Operand x;
    x.pointer = call_.count + 1 + number;
    x.memory = {kRax, bytes, kRsi, from * bytes, false};
    return x;
}

void Lowering::addTo(int sum, int a) {
    if (sumsInRegisters_ == 0) {
        terms_[termCount_++] = {sum, place(a), {}};
        return;
    }
    const Value& x = value(a);
    if (x.chosen == kNone) vectorOf(a);
    // Of what is chosen or 0, the chosen lanes are added: no lane of a sum is ever -0.
    const int vector = x.chosen == kNone ? x.vector : x.chosen;
    eachEight(sum, [&](int lanes, bool high) {
        const int mask = x.chosen == kNone ? kNone : high ? to_.mask(kShiftMask, of(x.by), 8) : x.by;
        to_.changed(ofNumbers(true, kAdd), lanes, lanes, of(wide_ ? vector : half(vector, high)), mask);
    });
}

void Lowering::addProduct(int sum, int a, int b) {
    if (sumsInRegisters_ == 0) {
        const Place first = place(a);
        terms_[termCount_++] = {sum, first, place(b)};
        return;
    }
    vectorOf(a), vectorOf(b);
    Value &x = value(a), &y = value(b);
    eachEight(sum, [&](int lanes, bool high) {
        addProduct(lanes, wide_ ? x.vector : half(x.vector, high), wide_ ? y.vector : half(y.vector, high), to_);
    });
}

// The product of two F32 is exact in F64, so that adding it rounds once.
void Lowering::addProduct(int lanes, int x, int y, Listing& to) const {
    if (!wide_) {
        to.changed(fma(true), lanes, x, of(y));
    } else {
        to.changed(ofNumbers(true, kAdd), lanes, lanes, of(to.op(ofNumbers(true, kMul), x, of(y))));
    }
}

int Lowering::group(int first) const {
    static_assert(kMostTogether <= Listing::kMostFixed && 1 + Frame::kMostInRegisters * kOctets < Listing::kMostFixed);
    return termCount_ - first < kMostTogether ? termCount_ - first : kMostTogether;
}

void Lowering::sum(int first, int octet, Listing& to) const {
    const int end = first + group(first);
    for (int t = first; t < end; t++) to.newFixed(frame_.sums + (terms_[t].sum * kOctets + octet) * 64);
    // Each loop fetches its share of the sources, so that the processor waits for memory while it works.
    const int loops = (termCount_ + kMostTogether - 1) / kMostTogether * kOctets;
    for (int k = first / kMostTogether * kOctets + octet; k < call_.count; k += loops) {
        prefetch(elements(k, 0), kStride * dtypeBytes(call_.sourceDtypes[k]), to);
    }
    for (int at = octet * 8; at < kStride; at += SP_DOT_LANES) {
        int sources[kMostValues], kept[2 * kMostTerms];
        for (int& known : sources) known = kNone;
        for (int& known : kept) known = kNone;
        auto value = [&](const Place& x) {
            int& known = x.isSource ? sources[x.number] : kept[x.number];
            if (known == kNone && x.isSource) {
                const int dtype = call_.sourceDtypes[x.number];
                known = decodedToF64(dtype, elements(x.number, at), to);
            } else if (known == kNone) {
                known = to.op(wide_ ? kLoad : kToF64, keptElements(x.number, at));
            }
            return known;
        };
        for (int t = first; t < end; t++) {
            const Term& term = terms_[t];
            const int lanes = t - first, a = value(term.a);
            if (term.b.number == kNone) {
                to.changed(ofNumbers(true, kAdd), lanes, lanes, of(a));
            } else {
                addProduct(lanes, a, value(term.b), to);
            }
        }
    }
}

void Lowering::countMask(int mask) {
    Instruction& i = to_.add(Kind::kCount);
    i.v = mask;
    i.rm = inFrame(frame_.counts + count_++ * 8);
}

void Lowering::histogram(Value& x) {
    const int bins = frame_.bins + bins_ * (int)sizeof(Bins), length = wide_ ? 1 : 2;
    const Operand from = inFrame(bins + (int)offsetof(Bins, from), true);
    if (rangesOf(call_, bins_) == kOneToTop) {
        bins_++;
        return countMask(to_.compared(kCompareU32, pattern(x), from, kIntAtLeast, kNone, length));
    }
    const int above = to_.op(kSub32, pattern(x), from, length);
    const Operand number = inFrame(bins + (int)offsetof(Bins, number), true);
    if (hasOneRange(call_, bins_++))
        return countMask(to_.compared(kCompareU32, above, number, kIntLess, kNone, length));
    count_++;
    const int bin = to_.op(kShiftBy, above, inFrame(bins + (int)offsetof(Bins, shift)), length);
    const int in = to_.compared(kCompareU32, bin, number, kIntLess, kNone, length);
    const int found = to_.moved(kCompress, bin, length, kNone, in);
    Instruction& i = to_.add(Kind::kAppend);
    i.reg = found;
    i.v = in;
    i.rm = inFrame(bins + (int)offsetof(Bins, to));
}

}  // namespace stockpot::jit
