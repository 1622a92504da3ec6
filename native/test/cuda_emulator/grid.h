// Runs a kernel's threads, each on a fiber of its own, one CUDA block after the other.
#ifndef STOCKPOT_EMULATOR_GRID_H
#define STOCKPOT_EMULATOR_GRID_H

#include <stdint.h>

#include <functional>

namespace stockpot::emulator {

struct Size {
    uint32_t x, y, z;
};

// Where the running thread is; threadIdx and the like read it.
struct Position {
    Size thread, block, blockSize, gridSize;
};
const Position& current();

// Runs body once for each thread. One grid at a time: the caller holds the driver's lock.
void runGrid(Size grid, Size block, const std::function<void()>& body);

// Waits for all threads of the block; of the warp, exchanging values.
void meetBlock();
double shuffleDown(uint32_t mask, double value, int delta);

}  // namespace stockpot::emulator

#endif  // STOCKPOT_EMULATOR_GRID_H
