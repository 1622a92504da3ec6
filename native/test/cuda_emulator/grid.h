// Runs a kernel's threads, each on a fiber of its own, one CUDA block after the other.
#ifndef STOCKPOT_EMULATOR_GRID_H
#define STOCKPOT_EMULATOR_GRID_H

#include <stddef.h>
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

// In which order the blocks of a grid run, and the warps of a block and the threads of a warp between two barriers. A
// kernel that lacks a barrier gives other results in some of them.
enum Order {
    kTogether,  // all threads of a block go from barrier to barrier
    kForward,   // from here on, each warp as far as it gets without the others
    kBackward,
    kShuffled,  // always the same way
    kOrders,
};
void setOrder(Order order);

// Runs body once for each thread. Each block has `shared` bytes that the launch asked for. One grid at a time: the
// caller holds the driver's lock.
void runGrid(Size grid, Size block, size_t shared, const std::function<void()>& body);

// `bytes` bytes of those, which a block finds with a pattern that no test takes for values. Null, and a violation, if
// they are outside or misaligned.
char* launchMemory(int at, size_t bytes);

// Waits for all threads of the block; of the warp, exchanging values.
void meetBlock();
double shuffleDown(uint32_t mask, double value, int delta);

}  // namespace stockpot::emulator

#endif  // STOCKPOT_EMULATOR_GRID_H
