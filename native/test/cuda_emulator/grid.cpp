#include "grid.h"

#include <setjmp.h>
#include <ucontext.h>

#include <memory>
#include <vector>

#include "memory.h"

namespace stockpot::emulator {

namespace {

constexpr uint32_t kWarp = 32;
constexpr size_t kStack = 64 << 10;

struct Barrier {
    uint32_t arrived = 0;
    uint64_t generation = 0;
};

struct Fiber {
    ucontext_t start;
    jmp_buf resume;
    bool entered = false;
    bool done = false;
    std::unique_ptr<char[]> stack{new char[kStack]};
};

struct Warp {
    Barrier barrier;
    double values[kWarp];
};

// Fibers are kept for the next block: only the first switch to one costs a system call.
std::vector<std::unique_ptr<Fiber>> fibers;
std::vector<Warp> warps;
Barrier blockBarrier;
Position position;
uint32_t running;   // the fiber at work
uint32_t threads;   // of a block
uint32_t finished;  // of the block at work
uint64_t progress;  // what was reached so far: barriers and ends
jmp_buf scheduler;
const std::function<void()>* work;

void yield() {
    uint32_t me = running;
    if (_setjmp(fibers[me]->resume) == 0) _longjmp(scheduler, 1);
    position.thread = {me, 0, 0};
}

void enter() {
    (*work)();
    fibers[running]->done = true;
    finished++;
    progress++;
    _longjmp(scheduler, 1);
}

void meet(Barrier& barrier, uint32_t expected) {
    uint64_t generation = barrier.generation;
    if (++barrier.arrived == expected) {
        barrier.arrived = 0;
        barrier.generation++;
        progress++;
        return;
    }
    while (barrier.generation == generation) yield();
}

void resume(uint32_t thread) {
    running = thread;
    position.thread = {thread, 0, 0};
    Fiber& fiber = *fibers[thread];
    if (_setjmp(scheduler) != 0) return;
    if (fiber.entered) _longjmp(fiber.resume, 1);
    fiber.entered = true;
    getcontext(&fiber.start);
    fiber.start.uc_stack.ss_sp = fiber.stack.get();
    fiber.start.uc_stack.ss_size = kStack;
    fiber.start.uc_link = nullptr;
    makecontext(&fiber.start, enter, 0);
    setcontext(&fiber.start);
}

void runBlock() {
    finished = 0;
    blockBarrier = {};
    warps.assign((threads + kWarp - 1) / kWarp, Warp());
    for (uint32_t t = 0; t < threads; t++) fibers[t]->entered = fibers[t]->done = false;
    while (finished < threads) {
        uint64_t before = progress;
        for (uint32_t t = 0; t < threads; t++) {
            if (!fibers[t]->done) resume(t);
        }
        if (progress == before) {
            violate("threads wait at a barrier that others never reach");
            return;
        }
    }
}

}  // namespace

const Position& current() { return position; }

void runGrid(Size grid, Size block, const std::function<void()>& body) {
    threads = block.x;
    while (fibers.size() < threads) fibers.push_back(std::make_unique<Fiber>());
    work = &body;
    position.blockSize = block;
    position.gridSize = grid;
    for (uint32_t y = 0; y < grid.y; y++) {
        for (uint32_t x = 0; x < grid.x; x++) {
            position.block = {x, y, 0};
            runBlock();
        }
    }
}

void meetBlock() { meet(blockBarrier, threads); }

double shuffleDown(uint32_t mask, double value, int delta) {
    if (mask != 0xFFFFFFFFu) violate("a shuffle of part of a warp, which is not emulated");
    Warp& warp = warps[running / kWarp];
    uint32_t lane = running % kWarp;
    warp.values[lane] = value;
    meet(warp.barrier, kWarp);
    uint32_t from = lane + (uint32_t)delta;
    double result = from < kWarp ? warp.values[from] : value;
    meet(warp.barrier, kWarp);
    return result;
}

}  // namespace stockpot::emulator
