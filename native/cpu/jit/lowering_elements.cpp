#include <stddef.h>

#include "forms.h"
#include "lowering.h"

namespace stockpot::jit {

namespace {

constexpr int kPrefetchAhead = 3072;

}  // namespace

// Some lanes of a source, from its elements on.
Operand Lowering::elements(int number, int from) const {
    Operand x;
    const int bytes = dtypeBytes(call_.sourceDtypes[number]);
    x.pointer = number;
    x.memory = {kRax, bytes, kRsi, from * bytes, false};
    return x;
}

// Fetches the lines that begin in some bytes of a source ahead of time.
void Lowering::prefetch(const Operand& source, int bytes, Listing& to) {
    const int from = source.memory.displacement;
    for (int line = (from + 63) / 64 * 64; line < from + bytes; line += 64) {
        Instruction& i = to.add(Kind::kPrefetch);
        i.rm = source;
        i.rm.memory.displacement = line + kPrefetchAhead;
    }
}

// Eight elements.
int Lowering::decodedToF64(int dtype, const Operand& from, Listing& to) {
    switch (dtype) {
        case SP_F64:
            return to.op(kLoad, from);
        case SP_F32:
            return to.op(kToF64, from);
        case SP_F16:
            return to.op(kToF64, of(to.op(kFromF16, from, 1)));
        default:
            return to.op(kToF64, of(to.shifted(kShift32, kLeft, to.op(kFromU16, from, 1), 16, 1)));
    }
}

int Lowering::source(int number) {
    const int dtype = call_.sourceDtypes[number];
    const Operand from = elements(number, frame_.pairs ? sub_ / 2 * 2 * lanes_ : sub_ * lanes_);
    // Loops that form sums follow at once, and fetch.
    if (sumsInRegisters_ == call_.sumCount && !(frame_.pairs && sub_ % 2 == 1)) {
        prefetch(from, (frame_.pairs ? 2 : 1) * lanes_ * dtypeBytes(dtype), to_);
    }
    if (frame_.pairs && sub_ % 2 == 0) return to_.shifted(kShift32, kLeft, from, 16);
    if (frame_.pairs) return to_.op(kAnd32, to_.op(kLoad, from), SP_COMMON(upper16));
    if (wide_) return decodedToF64(dtype, from, to_);
    if (dtype == SP_F16) return to_.op(kFromF16, from);
    return to_.shifted(kShift32, kLeft, to_.op(kFromU16, from), 16);
}

// As F32, of the neighbours of an F64 that is none the one with an odd fraction: rounding that again rounds once.
int Lowering::toOdd(int x) {
    const int f = to_.op(kToF32, of(x)), back = to_.op(kToF64, of(f));
    const int inexact = to_.compared(ofNumbers(true, kCompare), back, of(x), kOrderedNotEqual);
    const int size = to_.op(ofNumbers(true, kAnd), x, SP_COMMON(magnitude64));
    const int backSize = to_.op(ofNumbers(true, kAnd), back, SP_COMMON(magnitude64));
    const int away = to_.compared(ofNumbers(true, kCompare), backSize, of(size), kOrderedMore);
    const int down = to_.changed(kSub32, f, f, SP_COMMON(bit), away, 1);
    return to_.changed(kOr32, down, down, SP_COMMON(bit), inexact, 1);
}

// Stores some bytes of results: past the caches by whole lines, so that no line is written in parts.
void Lowering::put(int x, int at, int bytes) {
    const int length = bytes == 64 ? 2 : bytes == 32 ? 1 : 0;
    Operand to;
    to.pointer = call_.count;
    to.memory = {kRax, dtypeBytes(call_.outDtype), kRsi, at, false};
    if (!call_.pastCaches) return to_.store(kStore, x, to, length);
    line_ = at % 64 == 0 ? x : to_.op(bytes == 32 ? kInsertHalf : kInsertQuarter, line_, of(x), 2, at % 64 / bytes);
    to.memory.displacement = at / 64 * 64;
    if ((at + bytes) % 64 == 0) to_.store(kStorePast, line_, to);
}

// Of BF16s in the upper halves of lanes, the even ones wait for the odd ones.
void Lowering::outPaired(int x) {
    constexpr int kUpperOrSecond = 0xEC;
    if (sub_ % 2 == 0) {
        even_ = to_.shifted(kShift32, kRight, x, 16);
        return;
    }
    const int both = to_.changed(kTernary, x, even_, SP_COMMON(upper16), kNone, 2, kUpperOrSecond);
    to_.update(kMaxU16, largest_, of(to_.op(kAnd32, both, SP_COMMON(magnitude16))));
    put(both, sub_ / 2 * 64, 64);
}

void Lowering::out(Value& x) {
    const int dtype = call_.outDtype, length = wide_ ? 1 : 2, bytes = lanes_ * dtypeBytes(dtype), at = sub_ * bytes;
    if (dtype == SP_F64) {
        for (int k = 0; k < (wide_ ? 1 : 2); k++) {
            const int part = wide_ ? x.vector : half(x.vector, k == 1);
            to_.update(kMaxU32, largest_, of(to_.op(kAnd64, part, SP_COMMON(upper32))));
            put(part, at + 64 * k, 64);
        }
        return;
    }
    int f = x.vector;
    if (wide_) f = dtype == SP_F32 ? to_.op(kToF32, of(f)) : toOdd(f);
    if (dtype == SP_F32) {
        to_.update(kMaxU32, largest_, of(to_.op(kAnd32, f, SP_COMMON(magnitude), length)));
        return put(f, at, bytes);
    }
    if (dtype == SP_F16) {
        const int half = to_.moved(kToF16, f, length, 0);
        to_.update(kMaxU16, largest_, of(to_.op(kAnd32, half, SP_COMMON(magnitude16))));
        return put(half, at, bytes);
    }
    const int nan = to_.compared(ofNumbers(false, kCompare), f, of(f), kUnordered, kNone, length);
    const int quiet = to_.changed(kSpread, f, kNone, inFrame(offsetof(Common, nan)), nan, length);
    const int last = to_.op(kAnd32, to_.shifted(kShift32, kRight, quiet, 16, length), SP_COMMON(bit), length);
    const int up = to_.op(kAdd32, to_.op(kAdd32, quiet, SP_COMMON(lower15), length), of(last), length);
    if (frame_.pairs) return outPaired(up);
    const int sixteen = to_.shifted(kShift32, kRight, up, 16, length);
    to_.update(kMaxU32, largest_, of(to_.op(kAnd32, sixteen, SP_COMMON(lower15), length)));
    put(to_.moved(kToU16, sixteen, length, kNone), at, bytes);
}

}  // namespace stockpot::jit
