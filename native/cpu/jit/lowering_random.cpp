#include <stddef.h>

#include "forms.h"
#include "lowering.h"

namespace stockpot::jit {

namespace {

int operandsOf(int op) {
    switch (op) {
        case SP_OP_SOURCE:
        case SP_OP_TABLE:
        case SP_OP_RANDOM:
            return 0;
        case SP_OP_ABS:
        case SP_OP_WITHIN:
        case SP_OP_OUT:
        case SP_OP_SUM:
        case SP_OP_COUNT:
        case SP_OP_HISTOGRAM:
            return 1;
        case SP_OP_FMA:
        case SP_OP_SELECT:
            return 3;
        default:
            return 2;
    }
}

// Whether a random number is of use in one comparison with a constant alone, whose upper 16 bits are not 0.
bool isChance(const FormulaCall& call, bool wide, int generator) {
    const int32_t *random = stepOf(call, SP_OP_RANDOM, generator), *end = call.code + 5 * call.steps;
    int uses = 0;
    for (const int32_t* step = random + 5; step < end; step += 5) {
        const bool compares = step[0] == SP_OP_LESS && step[2] == random[1] && step[3] < 0;
        for (int k = 0; k < operandsOf(step[0]); k++) {
            if (step[2 + k] == random[1] && !(compares && k == 0 && uses == 0)) return false;
        }
        uses += compares;
        // Its register is another value's from there on.
        if (step[0] < SP_OP_OUT && step[1] == random[1]) break;
    }
    return uses == 1 && limitOf(call, wide, generator) >= 256;
}

}  // namespace

int Lowering::kindOf(const FormulaCall& call, bool wide, int generator) {
    if (!isChance(call, wide, generator)) return kUnknown;
    return limitOf(call, wide, generator) % 256 == 0 ? kBy16Bits : kBy24Bits;
}

// Philox4x32-7 for kStride elements: eight groups of eight, one for each lane of 64 bits. Only the lower halves of the
// first and third word's lanes are multiplied, so that what is in the upper ones does not matter. Several generators go
// side by side: each step of one waits for the step before.
void Lowering::generate(int first) {
    const int left = frame_.generatorCount - first, count = left < kTogether ? left : kTogether;
    constexpr int kXorOfThree = 0x96;
    auto at = [&](int g, size_t field) { return (int)(frame_.generators + (first + g) * sizeof(Generator) + field); };
    const int m0 = to_.op(kSpread, inFrame(offsetof(Common, m0))), m1 = to_.op(kSpread, inFrame(offsetof(Common, m1)));
    int x[kTogether][4];
    for (int g = 0; g < count; g++) {
        const int turns = to_.op(kLoad, inFrame(offsetof(Common, turns)));
        x[g][0] = to_.op(kAdd64, turns, inFrame(at(g, offsetof(Generator, group)), true));
        x[g][1] = to_.shifted(kShift64, kRight, x[g][0], 32);
        x[g][2] = to_.op(kSpread, inFrame(at(g, offsetof(Generator, stream))));
        x[g][3] = to_.op(ofNumbers(false, kXor), m0, of(m0));
    }
    for (int round = 0; round < kRounds; round++) {
        for (int g = 0; g < count; g++) {
            int* words = x[g];
            const int keys = at(g, offsetof(Generator, keys)) + 8 * round;
            const int p0 = to_.op(kMultiply, words[0], of(m0)), p1 = to_.op(kMultiply, words[2], of(m1));
            const int high0 = to_.shifted(kShift64, kRight, p0, 32), high1 = to_.shifted(kShift64, kRight, p1, 32);
            words[0] = to_.changed(kTernary, high1, words[1], inFrame(keys, true), kNone, 2, kXorOfThree);
            words[2] = to_.changed(kTernary, high0, words[3], inFrame(keys + 4, true), kNone, 2, kXorOfThree);
            words[1] = p1;
            words[3] = p0;
        }
    }
    for (int g = 0; g < count; g++) compare(first + g, x[g]);
    for (int g = 0; g < count; g++) {
        if (kindOf(call_, wide_, first + g) == kBy16Bits) continue;
        Instruction& i = to_.add(Kind::kDecide);
        i.rm = inFrame(at(g, offsetof(Generator, undecided)));
    }
    for (int g = 0; g < count && frame_.pairs; g++) {
        to_.add(Kind::kSplit).rm = inBlock(at(g, offsetof(Generator, below)));
    }
    for (int g = 0; g < count; g++) {
        Instruction& i = to_.add(Kind::kAdd);
        i.rm = inFrame(at(g, offsetof(Generator, group)));
        i.immediate = kStride / 8;
    }
}

// Compares the upper bits of a generator's numbers, which are in four words for each lane of 64 bits.
// The masks are of 32 lanes, more than a spilled one keeps: each is stored as soon as it is made.
void Lowering::compare(int generator, const int* x) {
    constexpr int kEven = 0x88, kOdd = 0xDD;
    const int at = frame_.generators + generator * (int)sizeof(Generator);
    const int first = to_.op(kShuffle, x[0], of(x[1]), 2, kEven), last = to_.op(kShuffle, x[2], of(x[3]), 2, kEven);
    const int words[] = {to_.op(kShuffle, first, of(last), 2, kEven), to_.op(kShuffle, first, of(last), 2, kOdd)};
    const bool by24Bits = kindOf(call_, wide_, generator) == kBy24Bits;
    const int less1 = to_.op(kSpreadU16, inFrame(at + (int)offsetof(Generator, upperLess1)));
    const int upper = by24Bits ? to_.op(kSpreadU16, inFrame(at + (int)offsetof(Generator, upper))) : kNone;
    for (int k = 0; k < 2; k++) {
        to_.storeMask(kMask32ToMemory, to_.compared(kCompareU16, words[k], of(less1), kIntAtMost),
                      inBlock(at + (int)offsetof(Generator, below) + 4 * k));
        if (by24Bits) {
            to_.storeMask(kMask32ToMemory, to_.compared(kCompareU16, words[k], of(upper), kIntEqual),
                          inFrame(at + (int)offsetof(Generator, undecided) + 4 * k));
        }
    }
}

// What a generator has for the elements that the loop is at, a bit for each.
Operand Lowering::inBlock(int displacement) {
    Operand x = inFrame(displacement);
    x.memory.scale = 1;
    x.memory.index = kR9;
    return x;
}

// Which of the lanes are below a generator's constant.
int Lowering::below(int generator) {
    const int at = frame_.generators + generator * (int)sizeof(Generator) + (int)offsetof(Generator, below);
    // The even ones of all elements come before the odd ones.
    if (frame_.pairs) return to_.mask(kMaskFromMemory, inBlock(at + sub_ % 2 * 4 + sub_ / 2 * 2));
    return to_.mask(wide_ ? kMask8FromMemory : kMaskFromMemory, inBlock(at + sub_ * lanes_ / 8));
}

}  // namespace stockpot::jit
