// A compiled formula before its values have registers.
#ifndef STOCKPOT_JIT_LISTING_H
#define STOCKPOT_JIT_LISTING_H

#include "assembler.h"

namespace stockpot::jit {

constexpr int kNone = -1;

// An operand: a value by its number, or memory. Vectors and masks are numbered together.
struct Operand {
    int value = kNone;
    Memory memory;
    // The source whose address the memory's base is to hold first.
    int pointer = kNone;

    bool isMemory() const { return value == kNone; }
};

// A place in the frame; all lanes get the one element there if it is broadcast.
inline Operand inFrame(int32_t displacement, bool broadcast = false) {
    Operand x;
    x.memory.displacement = displacement;
    x.memory.broadcast = broadcast;
    return x;
}
inline Operand of(int value) {
    Operand x;
    x.value = value;
    return x;
}

enum class Kind : uint8_t {
    kVector,    // An instruction of AVX-512.
    kMasks,     // One on masks: of `v` and `rm`, of `rm` and an immediate, or of memory.
    kCount,     // Adds the number of bits of mask `v` to the number at `rm`.
    kAppend,    // Stores vector `reg` where `rm` points to, and advances that by the bits of mask `v`, in words.
    kPrefetch,  // Of `rm`.
    kAdd,       // Adds `immediate` to the number at `rm`.
    kSplit,     // Puts the even ones of 64 bits at `rm` before the odd ones.
    kDecide,    // Calls `decide` if any bit at `rm` is set. No value has a register then.
};

// Which field of an instruction its result is in.
enum class Result : uint8_t { kNone, kReg, kV, kRm };

struct Instruction {
    Kind kind = Kind::kVector;
    Form form = {};
    // Of the vectors: 0 for 128 bits, 1 for 256, 2 for 512.
    uint8_t length = 2;
    Result result = Result::kNone;
    int reg = kNone, v = kNone;
    Operand rm;
    // What the result is a change of: it takes this value's register.
    int before = kNone;
    // The digit that extends the opcode, in place of reg.
    uint8_t digit = 0;
    int mask = kNone;
    bool zeroing = false;
    int immediate = kNone;

    int to() const {
        return result == Result::kReg ? reg : result == Result::kV ? v : result == Result::kRm ? rm.value : kNone;
    }
};

// The body of the loop, and the values that keep a register for all of it: their numbers are the first.
class Listing {
 public:
    static constexpr int kMost = 6000, kMostFixed = 26;

    bool full() const { return full_; }
    int values() const { return values_; }
    int count() const { return count_; }
    int fixedCount() const { return fixedCount_; }
    bool isMask(int value) const { return isMask_[value]; }
    // Where the frame has a fixed value before the loop and after it.
    int32_t home(int fixed) const { return homes_[fixed]; }
    const Instruction& at(int k) const { return instructions_[k]; }

    int newFixed(int32_t home) {
        homes_[fixedCount_++] = home;
        return newValue(false);
    }

    void clear() {
        values_ = count_ = fixedCount_ = 0;
        full_ = false;
    }

    Instruction& add(Kind kind) {
        if (count_ == kMost) full_ = true, count_--;
        instructions_[count_] = {};
        instructions_[count_].kind = kind;
        return instructions_[count_++];
    }

    // An instruction of two operands.
    int op(Form f, int a, const Operand& b, int length = 2, int immediate = kNone) {
        Instruction& i = vector(f, a, b, length, immediate);
        return result(i, newValue(false));
    }
    // One of one operand.
    int op(Form f, const Operand& a, int length = 2) { return op(f, kNone, a, length); }
    // One that changes a fixed value.
    void update(Form f, int fixed, const Operand& b) { result(vector(f, fixed, b), fixed); }
    // A shift by a constant.
    int shifted(Form f, int digit, int a, int by, int length = 2) { return shifted(f, digit, of(a), by, length); }
    int shifted(Form f, int digit, const Operand& a, int by, int length = 2) {
        Instruction& i = vector(f, newValue(false), a, length, by);
        i.digit = (uint8_t)digit;
        i.result = Result::kV;
        return i.v;
    }
    // One that has its result where others have the last operand; of the lanes in `within`, if that is said.
    int moved(Form f, int a, int length, int immediate, int within = kNone) {
        Instruction& i = vector(f, kNone, of(newValue(false)), length, immediate);
        i.reg = a;
        i.mask = within;
        i.zeroing = within != kNone;
        i.result = Result::kRm;
        return i.rm.value;
    }
    // A comparison: a mask, without the lanes that are not in `within`.
    int compared(Form f, int a, const Operand& b, int predicate, int within = kNone, int length = 2) {
        Instruction& i = vector(f, a, b, length, predicate);
        i.mask = within;
        return result(i, newValue(true));
    }
    // `before` after an instruction that reads its result, too.
    int changed(Form f, int before, int a, const Operand& b, int mask = kNone, int length = 2, int immediate = kNone) {
        Instruction& i = vector(f, a, b, length, immediate);
        i.before = before;
        i.mask = mask;
        return result(i, before < fixedCount_ ? before : newValue(false));
    }
    // One on the lanes of a mask. The others are 0, or chosen by it.
    int masked(Form f, int mask, int a, const Operand& b, bool zeroing) {
        Instruction& i = vector(f, a, b);
        i.mask = mask;
        i.zeroing = zeroing;
        return result(i, newValue(false));
    }
    int mask(Form f, const Operand& a, int immediate = kNone) {
        Instruction& i = add(Kind::kMasks);
        i.form = f;
        i.rm = a;
        i.immediate = immediate;
        return result(i, newValue(true));
    }
    // An operation on two masks.
    int mask(Form f, int a, int b) {
        Instruction& i = add(Kind::kMasks);
        i.form = f;
        i.v = a;
        i.rm = of(b);
        return result(i, newValue(true));
    }
    void storeMask(Form f, int mask, const Operand& to) {
        Instruction& i = add(Kind::kMasks);
        i.form = f;
        i.reg = mask;
        i.rm = to;
    }
    void store(Form f, int x, const Operand& to, int length = 2, int immediate = kNone) {
        vector(f, kNone, to, length, immediate).reg = x;
    }

 private:
    int newValue(bool isMask) {
        if (values_ == kMost) full_ = true, values_--;
        isMask_[values_] = isMask;
        return values_++;
    }
    Instruction& vector(Form f, int v, const Operand& rm, int length = 2, int immediate = kNone) {
        Instruction& i = add(Kind::kVector);
        i.form = f;
        i.length = (uint8_t)length;
        i.v = v;
        i.rm = rm;
        i.immediate = immediate;
        return i;
    }
    static int result(Instruction& i, int value) {
        i.result = Result::kReg;
        return i.reg = value;
    }

    Instruction instructions_[kMost];
    bool isMask_[kMost];
    int32_t homes_[kMostFixed];
    int values_ = 0, count_ = 0, fixedCount_ = 0;
    bool full_ = false;
};

}  // namespace stockpot::jit

#endif  // STOCKPOT_JIT_LISTING_H
