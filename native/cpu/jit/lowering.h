// Turns a formula's steps into instructions.
#ifndef STOCKPOT_JIT_LOWERING_H
#define STOCKPOT_JIT_LOWERING_H

#include <stddef.h>

#include "frame.h"
#include "listing.h"

namespace stockpot::jit {

// A field of the frame's common part, for all lanes.
#define SP_COMMON(field) inFrame((int)offsetof(Common, field), true)

class Lowering {
 public:
    Lowering(const FormulaCall& call, bool wide, const Frame& frame, Listing& listing);

    // Whether there are instructions for all of a formula's steps and types.
    static bool knows(const FormulaCall& call, bool wide);

    // What a generator is compiled to: nothing, or a comparison of 16 bits of its numbers or of 24.
    enum GeneratorKind { kUnknown, kBy16Bits, kBy24Bits };
    static int kindOf(const FormulaCall& call, bool wide, int generator);

    // Writes the instructions that make the random numbers of some generators, from one on, and compare them.
    static constexpr int kTogether = 5;
    void generate(int first);

    // Writes the instructions for kStride elements.
    void run();

    // A value of a sum that is formed in a loop of its own: a source, or one that is kept.
    struct Place {
        bool isSource = false;
        int number = kNone;
    };
    // What is added to a sum: a value, or the product of two.
    struct Term {
        int sum;
        Place a, b;
    };
    int keptCount() const { return keptCount_; }
    int termCount() const { return termCount_; }
    // How many of the terms from `first` on are summed at a time.
    int group(int first) const;
    // Writes the instructions that form the sums of a group, in one of every kOctets groups of eight lanes.
    void sum(int first, int octet, Listing& to) const;
    static constexpr int kOctets = SP_DOT_LANES / 8;
    // The most terms that are summed at a time: some registers are for the values.
    static constexpr int kMostTogether = 22;

 private:
    // A step's value or a constant: as a vector, as a mask, where the frame has it, which source or generator it
    // is; its pattern; where it is kept; the vector whose lanes it has where a mask is set, else 0.
    struct Value {
        int vector = kNone, mask = kNone, home = kNone, source = kNone, generator = kNone;
        int pattern = kNone, kept = kNone, chosen = kNone, by = kNone;
        bool isQuiet = false;
    };

    void step(const int32_t* code);
    int source(int number);
    int below(int generator);
    void compare(int generator, const int* words);
    static Operand inBlock(int displacement);
    int within(Value& x);
    void out(Value& x);
    void outPaired(int x);
    void put(int x, int at, int bytes);
    void addTo(int sum, int a);
    void addProduct(int sum, int a, int b);
    void histogram(Value& x);

    Place place(int operand);
    Operand elements(int number, int from) const;
    Operand keptElements(int number, int from) const;
    void addProduct(int lanes, int x, int y, Listing& to) const;
    static void prefetch(const Operand& source, int bytes, Listing& to);
    static int decodedToF64(int dtype, const Operand& from, Listing& to);
    int toOdd(int x);
    template <class Update>
    void eachEight(int sum, Update update);
    void countMask(int mask);

    Value& value(int operand) { return operand >= 0 ? registers_[operand] : constants_[~operand]; }
    int vectorOf(int operand);
    int maskOf(int operand);
    static bool isOnlyMask(const Value& x);
    Operand operand(int number);
    int half(int vector, bool high);
    int pattern(Value& x);

    const FormulaCall& call_;
    const bool wide_;
    const int lanes_;
    const Frame& frame_;
    Listing& to_;
    int sub_ = 0, window_ = 0, bins_ = 0, generator_ = 0, count_ = 0;
    int largest_ = kNone, line_ = kNone, even_ = kNone, firstSum_ = kNone, sumsInRegisters_ = 0;
    int keptCount_ = 0, termCount_ = 0;
    static constexpr int kMostValues = 256, kMostTerms = 640;
    Term terms_[kMostTerms];
    int halves_[Listing::kMost][2];
    Value registers_[kMostValues], constants_[kMostValues];
};

}  // namespace stockpot::jit

#endif  // STOCKPOT_JIT_LOWERING_H
