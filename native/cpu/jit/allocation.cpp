#include "allocation.h"

#include <stddef.h>

#include "forms.h"

namespace stockpot::jit {

namespace {

// Calls `use` with each value that an instruction reads.
template <class Use>
void eachRead(const Instruction& i, Use use) {
    if (i.result != Result::kReg && i.reg != kNone) use(i.reg);
    if (i.result != Result::kV && i.v != kNone) use(i.v);
    if (i.result != Result::kRm && i.rm.value != kNone) use(i.rm.value);
    if (i.mask != kNone) use(i.mask);
    if (i.before != kNone) use(i.before);
}

}  // namespace

void decide(char* frame, int64_t undecided, int64_t place) {
    Generator& generator = *(Generator*)(frame + undecided - offsetof(Generator, undecided));
    const uint64_t first = generator.group * 8;
    for (uint64_t left = generator.undecided; left != 0; left &= left - 1) {
        const int i = __builtin_ctzll(left);
        uint32_t x[] = {(uint32_t)((first + i) / 16), (uint32_t)((first + i) / 16 >> 32), generator.stream, 1};
        for (const uint32_t* keys : generator.keys) {
            const uint64_t p = 0xD2511F53ull * x[0], q = 0xCD9E8D57ull * x[2];
            const uint32_t next[] = {(uint32_t)(q >> 32) ^ x[1] ^ keys[0], (uint32_t)q,
                                     (uint32_t)(p >> 32) ^ x[3] ^ keys[1], (uint32_t)p};
            memcpy(x, next, sizeof x);
        }
        const uint32_t lower = x[(first + i) % 16 / 4] >> (first + i) % 4 * 8 & 0xFF;
        if (lower < generator.lower) generator.below[place / 8] |= 1ull << i;
    }
}

Allocation::Allocation(const Listing& listing, const Frame& frame, int spills, Assembler& to)
    : listing_(listing), frame_(frame), to_(to), frameBytes_(spills) {
    // All of a vector instruction's lanes are in mask 0.
    vectors_.first = 0, vectors_.count = kVectors - listing.fixedCount();
    masks_.first = 1, masks_.count = kMasks;
    for (int r = 0; r < kVectors; r++) {
        vectors_.holds[r] = masks_.holds[r] = kNone;
        vectors_.pinned[r] = masks_.pinned[r] = false;
    }
    for (int v = 0; v < listing.values(); v++) {
        register_[v] = spill_[v] = lastUse_[v] = kNone;
        saved_[v] = false;
    }
    for (int t = 0; t < listing.count(); t++) {
        eachRead(listing.at(t), [&](int v) { lastUse_[v] = t; });
    }
    for (int f = 0; f < listing.fixedCount(); f++) register_[f] = kVectors - 1 - f;
}

void Allocation::run() {
    for (int f = 0; f < listing_.fixedCount(); f++) {
        to_.vector(kLoad, {register_[f]}, {kRdi, 0, kRsi, listing_.home(f), false});
    }
    const int64_t start = to_.bytes();
    for (now_ = 0; now_ < listing_.count(); now_++) instruction(now_);
    to_.addToPlace(kStride / 8);
    to_.add(kRsi, kStride);
    to_.compare(kRsi, kRdx);
    to_.jumpIfLess(start);
    for (int f = 0; f < listing_.fixedCount(); f++) {
        to_.vector(kStore, {register_[f]}, {kRdi, 0, kRsi, listing_.home(f), false});
    }
}

int Allocation::nextUse(int value) const {
    for (int t = now_ + 1; t <= lastUse_[value]; t++) {
        bool used = false;
        eachRead(listing_.at(t), [&](int v) { used |= v == value; });
        if (used) return t;
    }
    return listing_.count();
}

// A free register, or that of the value which is used again last.
int Allocation::take(Bank& bank) {
    int best = kNone, farthest = kNone;
    for (int r = bank.first; r < bank.count; r++) {
        if (bank.pinned[r]) continue;
        if (bank.holds[r] == kNone) return r;
        const int next = nextUse(bank.holds[r]);
        if (next > farthest) farthest = next, best = r;
    }
    save(bank.holds[best]);
    register_[bank.holds[best]] = kNone;
    bank.holds[best] = kNone;
    return best;
}

Memory Allocation::spill(int value) {
    if (spill_[value] == kNone) {
        spill_[value] = frameBytes_;
        frameBytes_ += 64;
    }
    return {kRdi, 0, kRsi, spill_[value], false};
}

void Allocation::save(int value) {
    if (saved_[value]) return;
    saved_[value] = true;
    if (listing_.isMask(value)) {
        to_.mask(kMaskToMemory, register_[value], spill(value));
    } else {
        to_.vector(kStore, {register_[value]}, spill(value));
    }
}

// Has a value in a register, which stays until the instruction is written.
int Allocation::read(int value) {
    Bank& in = bank(value);
    if (register_[value] == kNone) {
        const int r = take(in);
        if (listing_.isMask(value)) {
            to_.mask(kMaskFromMemory, r, spill(value));
        } else {
            to_.vector(kLoad, {r}, spill(value));
        }
        register_[value] = r;
        in.holds[r] = value;
    }
    in.pinned[register_[value]] = true;
    return register_[value];
}

void Allocation::instruction(int t) {
    const Instruction& i = listing_.at(t);
    eachRead(i, [&](int v) { read(v); });
    const int result = i.to();
    const bool fixed = result != kNone && result < listing_.fixedCount();
    auto place = [&](int r) {
        register_[result] = r;
        bank(result).holds[r] = result;
        bank(result).pinned[r] = true;
    };
    auto release = [&](int v) {
        if (v < listing_.fixedCount() || lastUse_[v] != t || register_[v] == kNone) return;
        Bank& in = bank(v);
        if (in.holds[register_[v]] == v) {
            in.holds[register_[v]] = kNone;
            in.pinned[register_[v]] = false;
        }
    };
    if (result != kNone && !fixed && i.before != kNone) {
        const bool last = lastUse_[i.before] == t && i.before >= listing_.fixedCount();
        const int from = register_[i.before];
        const int r = last ? from : take(bank(result));
        if (!last) to_.vector(kMove, {r, 0, from});
        place(r);
        eachRead(i, [&](int v) {
            if (v != i.before) release(v);
        });
    } else {
        eachRead(i, release);
        if (result != kNone && !fixed) place(take(bank(result)));
    }
    write(i);
    for (int r = 0; r < kVectors; r++) vectors_.pinned[r] = masks_.pinned[r] = false;
    // What nobody reads needs no register.
    if (result != kNone && !fixed && lastUse_[result] == kNone) bank(result).holds[register_[result]] = kNone;
}

Memory Allocation::reached(const Operand& x) {
    if (x.pointer != kNone && pointer_ != x.pointer) {
        to_.general(0x8B, kRax, {kRdi, 0, kRsi, frame_.sources + 8 * x.pointer, false});
        pointer_ = x.pointer;
    }
    return x.memory;
}

void Allocation::write(const Instruction& i) {
    switch (i.kind) {
        case Kind::kVector: {
            Fields f;
            f.reg = i.reg == kNone ? i.digit : at(i.reg);
            f.v = at(i.v);
            f.mask = at(i.mask);
            f.zeroing = i.zeroing;
            f.length = i.length;
            if (i.rm.isMemory()) {
                to_.vector(i.form, f, reached(i.rm));
            } else {
                f.rm = at(i.rm.value);
                to_.vector(i.form, f);
            }
            if (i.immediate != kNone) to_.immediate(i.immediate);
            return;
        }
        case Kind::kMasks:
            if (i.rm.isMemory()) return to_.mask(i.form, at(i.reg), i.rm.memory);
            if (i.v != kNone) return to_.mask(i.form, 1, at(i.reg), at(i.v), at(i.rm.value));
            to_.mask(i.form, 0, at(i.reg), 0, at(i.rm.value));
            return to_.immediate(i.immediate);
        case Kind::kCount:
            to_.mask(kMaskOut, 0, kRcx, 0, at(i.v));
            to_.count(kRcx, kRcx);
            return to_.general(0x01, kRcx, i.rm.memory);
        case Kind::kAppend:
            to_.general(0x8B, kRax, i.rm.memory);
            to_.vector(kStore, {at(i.reg)}, {kRax, 0, kRsi, 0, false});
            to_.mask(kMaskOut, 0, kRcx, 0, at(i.v));
            to_.count(kRcx, kRcx);
            to_.general(0x8D, kRax, {kRax, 4, kRcx, 0, false});
            pointer_ = kNone;
            return to_.general(0x89, kRax, i.rm.memory);
        case Kind::kPrefetch:
            return to_.prefetch(reached(i.rm));
        case Kind::kAdd:
            return to_.add(i.rm.memory, (int8_t)i.immediate);
        case Kind::kSplit: {
            Memory odd = i.rm.memory;
            odd.displacement += 4;
            to_.general(0x8B, kRax, i.rm.memory);
            to_.extract(kRcx, kRax, {kRdi, 0, kRsi, (int)offsetof(Common, evenBits), false});
            to_.extract(kRax, kRax, {kRdi, 0, kRsi, (int)offsetof(Common, oddBits), false});
            to_.store32(kRcx, i.rm.memory);
            to_.store32(kRax, odd);
            pointer_ = kNone;
            return;
        }
        case Kind::kDecide: {
            to_.compareWith0(i.rm.memory);
            uint8_t* past = to_.jumpIfNone();
            to_.call((int64_t)&decide, i.rm.memory.displacement);
            pointer_ = kNone;
            return to_.land(past);
        }
    }
}

}  // namespace stockpot::jit
