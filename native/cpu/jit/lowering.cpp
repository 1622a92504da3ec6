#include "lowering.h"

#include <stddef.h>

#include "forms.h"

namespace stockpot::jit {

Lowering::Lowering(const FormulaCall& call, bool wide, const Frame& frame, Listing& listing)
    : call_(call), wide_(wide), lanes_(wide ? 8 : 16), frame_(frame), to_(listing) {}

bool Lowering::knows(const FormulaCall& call, bool wide) {
    if (call.registers > kMostValues || call.constantCount > kMostValues || call.count > kMostValues) return false;
    if (call.out && call.outDtype > SP_BF16) return false;
    for (int k = 0; k < call.count; k++) {
        if (call.sourceDtypes[k] > SP_BF16) return false;
    }
    int generators = 0, terms = 0;
    for (int s = 0; s < call.steps; s++) {
        if (call.code[5 * s] == SP_OP_TABLE) return false;
        terms += call.code[5 * s] == SP_OP_SUM || call.code[5 * s] == SP_OP_DOT;
        if (call.code[5 * s] == SP_OP_RANDOM && kindOf(call, wide, generators++) == kUnknown) return false;
    }
    return terms <= kMostTerms;
}

void Lowering::run() {
    if (frame_.outs > 0) largest_ = to_.newFixed(offsetof(Common, largest));
    firstSum_ = to_.values();
    sumsInRegisters_ = call_.sumCount <= frame_.sumsInRegisters() ? call_.sumCount : 0;
    for (auto& halves : halves_) halves[0] = halves[1] = kNone;
    for (int k = 0; k < sumsInRegisters_ * SP_DOT_LANES / 8; k++) to_.newFixed(frame_.sums + k * 64);
    for (sub_ = 0; sub_ < kStride / lanes_; sub_++) {
        window_ = bins_ = generator_ = count_ = keptCount_ = termCount_ = 0;
        for (int k = 0; k < call_.constantCount; k++) {
            constants_[k] = {};
            constants_[k].home = frame_.constants + k * (wide_ ? 8 : 4);
        }
        for (int s = 0; s < call_.steps; s++) step(call_.code + 5 * s);
    }
}

int Lowering::vectorOf(int operand) {
    Value& x = value(operand);
    if (x.vector == kNone && x.source != kNone) {
        x.vector = source(x.source);
    } else if (x.vector == kNone && x.chosen != kNone) {
        x.vector = to_.masked(wide_ ? kMove64 : kMove, x.by, kNone, of(x.chosen), true);
    } else if (x.vector == kNone && x.home != kNone) {
        x.vector = to_.op(wide_ ? kSpread64 : kSpread, inFrame(x.home));
    } else if (x.vector == kNone) {
        const size_t one = wide_ ? offsetof(Common, one64) : offsetof(Common, one);
        x.vector = to_.masked(wide_ ? kSpread64 : kSpread, x.mask, kNone, inFrame((int32_t)one), true);
    }
    return x.vector;
}

// Whether it is 1 where a mask is set and 0 elsewhere, and no vector yet.
bool Lowering::isOnlyMask(const Value& x) { return x.mask != kNone && x.vector == kNone && x.chosen == kNone; }

int Lowering::maskOf(int operand) {
    Value& x = value(operand);
    if (x.mask == kNone) {
        const int all = vectorOf(operand);
        const int zero = to_.op(ofNumbers(wide_, kXor), all, of(all));
        x.mask = to_.compared(ofNumbers(wide_, kCompare), all, of(zero), kNotEqualOrNaN);
    }
    return x.mask;
}

// Constants are read from memory where an instruction can.
Operand Lowering::operand(int number) {
    Value& x = value(number);
    return x.vector == kNone && x.home != kNone ? inFrame(x.home, true) : of(vectorOf(number));
}

// Half of a vector of F32, as F64.
int Lowering::half(int vector, bool high) {
    int& known = halves_[vector][high];
    if (known == kNone) known = to_.op(kToF64, of(high ? to_.moved(kUpperHalf, vector, 2, 1) : vector));
    return known;
}

// What ranks go by: the pattern of |x| as F32, one for every NaN.
int Lowering::pattern(Value& x) {
    if (x.pattern == kNone) {
        const int length = wide_ ? 1 : 2;
        const int f = wide_ ? to_.op(kToF32, of(x.vector)) : x.vector;
        const int p = to_.op(kAnd32, f, SP_COMMON(magnitude), length);
        if (wide_ || x.isQuiet) {
            // A quiet NaN is at least the one.
            x.pattern = to_.op(kMinU32, p, SP_COMMON(nan), length);
        } else {
            const int nan = to_.compared(kCompareU32, p, SP_COMMON(infinity), kIntMore, kNone, length);
            x.pattern = to_.changed(kSpread, p, kNone, inFrame(offsetof(Common, nan)), nan, length);
        }
    }
    return x.pattern;
}

void Lowering::step(const int32_t* code) {
    const int a = code[2], b = code[3], c = code[4];
    const Form compare = ofNumbers(wide_, kCompare);
    Value made;
    switch (code[0]) {
        case SP_OP_SOURCE:
            made.source = a;
            break;
        case SP_OP_RANDOM:
            made.generator = generator_++;
            break;
        case SP_OP_ABS:
            made.vector =
                to_.op(ofNumbers(wide_, kAnd), vectorOf(a), wide_ ? SP_COMMON(magnitude64) : SP_COMMON(magnitude));
            break;
        case SP_OP_ADD:
            // Constants come last, where the order does not matter.
            made.vector = to_.op(ofNumbers(wide_, kAdd), vectorOf(a < 0 ? b : a), operand(a < 0 ? a : b));
            break;
        case SP_OP_MUL:
            made.vector = to_.op(ofNumbers(wide_, kMul), vectorOf(a < 0 ? b : a), operand(a < 0 ? a : b));
            break;
        case SP_OP_SUB:
            made.vector = to_.op(ofNumbers(wide_, kSub), vectorOf(a), operand(b));
            break;
        case SP_OP_DIV:
            made.vector = to_.op(ofNumbers(wide_, kDiv), vectorOf(a), operand(b));
            break;
        case SP_OP_MIN:
            made.vector = to_.op(ofNumbers(wide_, kMin), vectorOf(a), operand(b));
            break;
        case SP_OP_MAX:
            made.vector = to_.op(ofNumbers(wide_, kMax), vectorOf(a), operand(b));
            break;
        case SP_OP_FMA: {
            const int sum = vectorOf(c), factor = vectorOf(a < 0 ? b : a);
            made.vector = to_.changed(fma(wide_), sum, factor, operand(a < 0 ? a : b));
            break;
        }
        case SP_OP_LESS:
            if (a >= 0 && value(a).generator != kNone) {
                made.mask = below(value(a).generator);
                break;
            }
            made.mask = to_.compared(compare, vectorOf(a), operand(b), kLess);
            break;
        case SP_OP_AT_MOST:
            made.mask = to_.compared(compare, vectorOf(a), operand(b), kAtMost);
            break;
        case SP_OP_EQUAL:
            made.mask = to_.compared(compare, vectorOf(a), operand(b), kEqual);
            break;
        case SP_OP_WITHIN:
            vectorOf(a);
            made.mask = within(value(a));
            break;
        case SP_OP_SELECT: {
            const int mask = maskOf(a);
            if (b >= 0 && c >= 0 && isOnlyMask(value(b)) && isOnlyMask(value(c))) {
                const int first = to_.mask(kMaskAnd, mask, value(b).mask);
                made.mask = to_.mask(kMaskOr, first, to_.mask(kMaskAndNot, mask, value(c).mask));
            } else if (isZero(call_, c)) {
                made.chosen = vectorOf(b);
                made.by = mask;
            } else {
                made.vector = to_.masked(wide_ ? kBlend64 : kBlend, mask, vectorOf(c), operand(b), false);
            }
            break;
        }
        case SP_OP_OUT:
            vectorOf(a);
            return out(value(a));
        case SP_OP_SUM:
            return addTo(c, a);
        case SP_OP_DOT:
            return addProduct(c, a, b);
        case SP_OP_COUNT:
            return countMask(maskOf(a));
        default:
            vectorOf(a);
            return histogram(value(a));
    }
    // What arithmetic makes is no signalling NaN.
    const bool isArithmetic = (code[0] >= SP_OP_ADD && code[0] <= SP_OP_DIV) || code[0] == SP_OP_FMA;
    made.isQuiet = isArithmetic || (code[0] == SP_OP_ABS && value(a).isQuiet);
    registers_[code[1]] = made;
}

// The limits are those of each lane, so that they tell equal patterns by place as well.
int Lowering::within(Value& x) {
    const int window = frame_.windows + window_ * (int)sizeof(Window) + sub_ * lanes_ * 4, length = wide_ ? 1 : 2;
    const int p = pattern(x);
    const int in =
        to_.compared(kCompareU32, p, inFrame(window + (int)offsetof(Window, last)), kIntAtLeast, kNone, length);
    if (startsAtTop(call_, window_++)) return in;
    return to_.compared(kCompareU32, p, inFrame(window + (int)offsetof(Window, above)), kIntLess, in, length);
}

}  // namespace stockpot::jit
