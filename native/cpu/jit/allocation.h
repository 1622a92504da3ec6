// Gives the values of a listing registers, and writes it as machine code.
#ifndef STOCKPOT_JIT_ALLOCATION_H
#define STOCKPOT_JIT_ALLOCATION_H

#include "assembler.h"
#include "frame.h"
#include "listing.h"

namespace stockpot::jit {

// Decides which of a generator's undecided numbers are below its constant: of the elements that the bits at `place` of
// a block are for. `undecided` is their place in the frame.
void decide(char* frame, int64_t undecided, int64_t place);

// A loop: the frame's address is in rdi, the first element in rsi, the last + 1 in rdx.
class Allocation {
 public:
    // Values that have no register at times are in the frame from `spills` on.
    Allocation(const Listing& listing, const Frame& frame, int spills, Assembler& to);

    void run();

    // Where such values end.
    int frameBytes() const { return frameBytes_; }

 private:
    static constexpr int kVectors = 32, kMasks = 8;

    // The registers of one kind: which value each holds.
    struct Bank {
        int holds[kVectors];
        bool pinned[kVectors];
        int first, count;
    };

    void instruction(int at);
    void write(const Instruction& i);
    int read(int value);
    int take(Bank& bank);
    int nextUse(int value) const;
    void save(int value);
    Memory spill(int value);
    Memory reached(const Operand& x);
    Bank& bank(int value) { return listing_.isMask(value) ? masks_ : vectors_; }
    int at(int value) const { return value == kNone ? 0 : register_[value]; }

    const Listing& listing_;
    const Frame& frame_;
    Assembler& to_;
    Bank vectors_, masks_;
    int now_ = 0, pointer_ = kNone, frameBytes_;
    int register_[Listing::kMost], spill_[Listing::kMost], lastUse_[Listing::kMost];
    bool saved_[Listing::kMost];
};

}  // namespace stockpot::jit

#endif  // STOCKPOT_JIT_ALLOCATION_H
