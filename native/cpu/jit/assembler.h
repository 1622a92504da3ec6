// Writes machine code: those instructions of AVX-512 and the few others that compiled formulas are made of (Intel 64
// and IA-32 Architectures Software Developer's Manual, volume 2, sections 2.3 "VEX" and 2.7 "EVEX").
#ifndef STOCKPOT_JIT_ASSEMBLER_H
#define STOCKPOT_JIT_ASSEMBLER_H

#include <stdint.h>
#include <string.h>

namespace stockpot::jit {

// General registers by their numbers. All of them belong to the callee.
enum Register : int8_t { kRax = 0, kRcx = 1, kRdx = 2, kRsi = 6, kRdi = 7, kR9 = 9 };

// base + index * scale + displacement; without an index if scale is 0.
struct Memory {
    Register base = kRdi;
    int scale = 0;
    Register index = kRsi;
    int32_t displacement = 0;
    // One element, which all lanes get.
    bool broadcast = false;
};

// How an instruction is encoded.
struct Form {
    uint8_t map, prefix, w, opcode;
};
enum Map : uint8_t { k0F = 1, k0F38 = 2, k0F3A = 3 };
enum Prefix : uint8_t { kNo = 0, k66 = 1, kF3 = 2 };

// What the fields of a vector instruction name, as registers' numbers.
struct Fields {
    int reg = 0, v = 0, rm = 0;
    int mask = 0;
    bool zeroing = false;
    // Of the vectors: 0 for 128 bits, 1 for 256, 2 for 512.
    int length = 2;
};

class Assembler {
 public:
    Assembler(uint8_t* to, int64_t room) : start_(to), at_(to), end_(to + room) {}

    // Whether all of it had room.
    bool fits() const { return at_ <= end_; }
    int64_t bytes() const { return at_ - start_; }

    void vector(Form f, const Fields& x) {
        evex(f, x, x.rm >> 3 & 1, x.rm >> 4 & 1, false);
        byte(0xC0 | (x.reg & 7) << 3 | (x.rm & 7));
    }
    void vector(Form f, const Fields& x, const Memory& m) {
        evex(f, x, m.base >> 3 & 1, m.scale ? m.index >> 3 & 1 : 0, m.broadcast);
        address(x.reg, m);
    }
    void immediate(int value) { byte(value); }

    // An operation on masks: of `length` 1 with three operands.
    void mask(Form f, int length, int reg, int v, int rm) {
        vex(f, length, v, 0);
        byte(0xC0 | reg << 3 | rm);
    }
    void mask(Form f, int reg, const Memory& m) {
        vex(f, 0, 0, m.scale ? m.index >> 3 & 1 : 0);
        address(reg, m);
    }

    // A general instruction of one byte with 64-bit operands.
    void general(uint8_t opcode, int reg, const Memory& m) {
        byte(0x48 | (m.scale ? m.index >> 3 & 1 : 0) << 1);
        byte(opcode);
        address(reg, m);
    }
    void add(const Memory& to, int8_t value) {
        general(0x83, 0, to);
        byte(value);
    }
    void add(Register to, int8_t value) { byte(0x48), byte(0x83), byte(0xC0 | to), byte(value); }
    void compare(Register a, Register b) { byte(0x48), byte(0x39), byte(0xC0 | b << 3 | a); }
    // The number of bits, of 32.
    void count(Register to, Register of) { byte(0xF3), byte(0x0F), byte(0xB8), byte(0xC0 | to << 3 | of); }
    // Into the second cache and those beyond.
    void prefetch(const Memory& m) {
        byte(0x0F), byte(0x18);
        address(2, m);
    }
    // The bits of `from` that are set in a mask, next to one another.
    void extract(Register to, Register from, const Memory& mask) {
        vex({k0F38, kF3, 1, 0xF5}, 0, from, 0);
        address(to, mask);
    }
    void store32(Register from, const Memory& to) {
        if (to.scale && to.index >> 3 & 1) byte(0x42);
        byte(0x89);
        address(from, to);
    }
    // Jumps over what is written until `land` is called with the result.
    uint8_t* jumpIfNone() {
        byte(0x0F), byte(0x84);
        word(0);
        return at_;
    }
    void land(uint8_t* from) {
        const int32_t distance = (int32_t)(at_ - from);
        if (fits()) memcpy(from - 4, &distance, 4);
    }
    // Calls function(rdi, second, r9), and keeps the general registers that are in use.
    void call(int64_t function, int32_t second) {
        byte(0x57), byte(0x56), byte(0x52), byte(0x41), byte(0x50), byte(0x41),
            byte(0x51);                                                                    // push rdi, rsi, rdx, r8, r9
        byte(0x4C), byte(0x89), byte(0xCA);                                                // mov rdx, r9
        byte(0xBE), word(second);                                                          // mov esi, second
        byte(0x48), byte(0xB8), word((int32_t)function), word((int32_t)(function >> 32));  // mov rax, function
        byte(0xFF), byte(0xD0);                                                            // call rax
        byte(0x41), byte(0x59), byte(0x41), byte(0x58), byte(0x5A), byte(0x5E),
            byte(0x5F);  // pop r9, r8, rdx, rsi, rdi
    }
    // Whether 64 bits are 0, for jumpIfNone.
    void compareWith0(const Memory& m) {
        general(0x83, 7, m);
        byte(0);
    }
    void jumpIfLess(int64_t target) {
        byte(0x0F), byte(0x8C);
        word((int32_t)(target - (bytes() + 4)));
    }
    // The first element, for several loops over the same, and a place in r9 that counts them.
    void keepFirst() { byte(0x49), byte(0x89), byte(0xF0); }  // mov r8, rsi
    void toFirst() {
        byte(0x4C), byte(0x89), byte(0xC6);  // mov rsi, r8
        byte(0x45), byte(0x31), byte(0xC9);  // xor r9d, r9d
    }
    void addToPlace(int8_t value) { byte(0x49), byte(0x83), byte(0xC1), byte(value); }  // add r9, value
    void finish() {
        byte(0xC5), byte(0xF8), byte(0x77);  // vzeroupper
        byte(0xC3);
    }

 private:
    void byte(int value) {
        if (at_ < end_) *at_ = (uint8_t)value;
        at_++;
    }
    void word(int32_t value) {
        for (int k = 0; k < 4; k++) byte(value >> 8 * k);
    }
    void evex(Form f, const Fields& x, int b, int xBit, bool broadcast) {
        byte(0x62);
        byte((~x.reg >> 3 & 1) << 7 | (xBit ^ 1) << 6 | (b ^ 1) << 5 | (~x.reg >> 4 & 1) << 4 | f.map);
        byte(f.w << 7 | (~x.v & 15) << 3 | 4 | f.prefix);
        byte(x.zeroing << 7 | x.length << 5 | broadcast << 4 | (~x.v >> 4 & 1) << 3 | x.mask);
        byte(f.opcode);
    }
    void vex(Form f, int length, int v, int x) {
        byte(0xC4);
        byte((0xE0 ^ x << 6) | f.map);
        byte(f.w << 7 | (~v & 15) << 3 | length << 2 | f.prefix);
        byte(f.opcode);
    }
    // Always with 32 bits of displacement, which vector instructions do not scale.
    void address(int reg, const Memory& m) {
        if (m.scale) {
            const int log = m.scale == 8 ? 3 : m.scale == 4 ? 2 : m.scale == 2 ? 1 : 0;
            byte(0x84 | (reg & 7) << 3);
            byte(log << 6 | (m.index & 7) << 3 | (m.base & 7));
        } else {
            byte(0x80 | (reg & 7) << 3 | (m.base & 7));
        }
        word(m.displacement);
    }

    uint8_t *start_, *at_, *end_;
};

}  // namespace stockpot::jit

#endif  // STOCKPOT_JIT_ASSEMBLER_H
