// Formulas as machine code of this processor: their values stay in registers from the sources to the result, where
// formula_kernel.inl takes each through the cache. The same operations in the same order, so the same bits.
#ifndef STOCKPOT_JIT_COMPILED_H
#define STOCKPOT_JIT_COMPILED_H

#include "../kernels.h"

namespace stockpot::jit {

// Whether this process may make machine code. Hardened systems forbid it.
bool allowed();

// Computes the formula for the first elements of the call, and returns how many: all or most, or none if the formula
// cannot be compiled.
//
// lanes: 64-bit lanes of the sums that are not added to the call's yet, as the elements left go on with them.
// largest: 64 bytes, what tells whether all of the output is finite.
int64_t run(const FormulaCall& call, bool wide, double* lanes, char* largest);

}  // namespace stockpot::jit

#endif  // STOCKPOT_JIT_COMPILED_H
