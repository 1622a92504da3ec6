// The instructions of AVX-512 that compiled formulas are made of.
#ifndef STOCKPOT_JIT_FORMS_H
#define STOCKPOT_JIT_FORMS_H

#include "assembler.h"

namespace stockpot::jit {

// Moves.
constexpr Form kLoad = {k0F, kNo, 0, 0x10}, kStore = {k0F, kNo, 0, 0x11};
constexpr Form kMove = {k0F, kNo, 0, 0x28}, kMove64 = {k0F, k66, 1, 0x28};
constexpr Form kSpread = {k0F38, k66, 0, 0x18}, kSpread64 = {k0F38, k66, 1, 0x19};
constexpr Form kBlend = {k0F38, k66, 0, 0x65}, kBlend64 = {k0F38, k66, 1, 0x65};
constexpr Form kCompress = {k0F38, k66, 0, 0x8B}, kShuffle = {k0F, kNo, 0, 0xC6}, kUpperHalf = {k0F3A, k66, 1, 0x1B};

// Stores past the caches. Of a vector, a half or a quarter is replaced.
constexpr Form kStorePast = {k0F, k66, 0, 0xE7};
constexpr Form kInsertHalf = {k0F3A, k66, 1, 0x3A}, kInsertQuarter = {k0F3A, k66, 0, 0x38};

// Conversions. The last two make half of a vector.
constexpr Form kFromU16 = {k0F38, k66, 0, 0x33}, kFromF16 = {k0F38, k66, 0, 0x13};
constexpr Form kToF64 = {k0F, kNo, 0, 0x5A}, kToF32 = {k0F, k66, 1, 0x5A};
constexpr Form kToU16 = {k0F38, kF3, 0, 0x33}, kToF16 = {k0F3A, k66, 0, 0x1D};

// Numbers of the accumulator's type.
constexpr Form ofNumbers(bool wide, uint8_t opcode) {
    return wide ? Form{k0F, k66, 1, opcode} : Form{k0F, kNo, 0, opcode};
}
constexpr uint8_t kAdd = 0x58, kMul = 0x59, kSub = 0x5C, kMin = 0x5D, kDiv = 0x5E, kMax = 0x5F, kXor = 0x57;
constexpr uint8_t kAnd = 0x54, kCompare = 0xC2;
// What was there + a * b.
constexpr Form fma(bool wide) { return {k0F38, k66, (uint8_t)wide, 0xB8}; }

// Integers.
constexpr Form kAnd32 = {k0F, k66, 0, 0xDB}, kAnd64 = {k0F, k66, 1, 0xDB}, kOr32 = {k0F, k66, 0, 0xEB};
constexpr Form kTernary = {k0F3A, k66, 0, 0x25};
constexpr Form kAdd32 = {k0F, k66, 0, 0xFE}, kSub32 = {k0F, k66, 0, 0xFA}, kAdd64 = {k0F, k66, 1, 0xD4};
constexpr Form kMultiply = {k0F, k66, 1, 0xF4};
constexpr Form kShift32 = {k0F, k66, 0, 0x72}, kShift64 = {k0F, k66, 1, 0x73}, kShiftBy = {k0F, k66, 0, 0xD2};
constexpr int kLeft = 6, kRight = 2;
constexpr Form kMinU32 = {k0F38, k66, 0, 0x3B}, kMaxU32 = {k0F38, k66, 0, 0x3F}, kMaxU16 = {k0F38, k66, 0, 0x3E};
constexpr Form kCompareU32 = {k0F3A, k66, 0, 0x1E}, kNoBits = {k0F38, kF3, 0, 0x27};
constexpr Form kSpreadU16 = {k0F38, k66, 0, 0x79}, kCompareU16 = {k0F3A, k66, 1, 0x3E};

// Masks.
constexpr Form kMaskToMemory = {k0F, kNo, 0, 0x91}, kMaskFromMemory = {k0F, kNo, 0, 0x90},
               kMaskOut = {k0F, kNo, 0, 0x93};
// Of 8 lanes, of 32, of the upper 8 of 16.
constexpr Form kMask8FromMemory = {k0F, k66, 0, 0x90}, kMask32ToMemory = {k0F, k66, 1, 0x91};
// The second has the bits of the last operand that the one before it has not.
constexpr Form kMaskAnd = {k0F, kNo, 0, 0x41}, kMaskAndNot = {k0F, kNo, 0, 0x42}, kMaskOr = {k0F, kNo, 0, 0x45};
constexpr Form kShiftMask = {k0F3A, k66, 1, 0x30};

// Predicates of comparisons: of numbers, false for NaN unless it is said; of integers.
constexpr int kEqual = 0x00, kLess = 0x11, kAtMost = 0x12, kUnordered = 0x03, kNotEqualOrNaN = 0x04;
constexpr int kOrderedNotEqual = 0x0C, kOrderedMore = 0x1E;
constexpr int kIntEqual = 0, kIntLess = 1, kIntAtMost = 2, kIntAtLeast = 5, kIntMore = 6;

}  // namespace stockpot::jit

#endif  // STOCKPOT_JIT_FORMS_H
