#include "grid.h"

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "fiber.h"
#include "memory.h"

namespace stockpot::emulator {

namespace {

constexpr uint32_t kWarp = 32;

struct Barrier {
    uint32_t arrived = 0;
    uint64_t generation = 0;
};

struct Thread {
    Fiber fiber;  // kept for the next block
    bool done = false;
};

struct Warp {
    Barrier barrier;
    double values[kWarp];
};

Order order = kForward;
std::mt19937 shuffle;
std::vector<std::unique_ptr<Thread>> allThreads;
std::vector<Warp> warps;
Barrier blockBarrier;
Position position;
uint32_t running;   // the thread at work
uint32_t threads;   // of a block
uint32_t finished;  // of the block at work
uint64_t progress;  // what was reached so far: barriers and ends
std::vector<char> shared;
const std::function<void()>* work;

// The numbers from `first` to `end`, in the order that is set.
std::vector<uint32_t> ordered(uint32_t first, uint32_t end) {
    std::vector<uint32_t> all;
    for (uint32_t n = first; n < end; n++) all.push_back(n);
    if (order == kBackward) std::reverse(all.begin(), all.end());
    if (order == kShuffled) std::shuffle(all.begin(), all.end(), shuffle);
    return all;
}

void yield() {
    uint32_t me = running;
    allThreads[me]->fiber.leave();
    running = me;
    position.thread = {me, 0, 0};
}

void runThread() {
    (*work)();
    allThreads[running]->done = true;
    finished++;
    progress++;
    allThreads[running]->fiber.leave();
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

// Resumes each of these threads once.
void resume(const std::vector<uint32_t>& some) {
    for (uint32_t thread : some) {
        if (allThreads[thread]->done) continue;
        running = thread;
        position.thread = {thread, 0, 0};
        allThreads[thread]->fiber.resume();
    }
}

// Each warp in turn runs as far as it gets without the others, which no barrier between them must mind.
void runWarps() {
    for (uint32_t warp : ordered(0, (uint32_t)warps.size())) {
        const uint32_t first = warp * kWarp;
        const std::vector<uint32_t> some = ordered(first, std::min(threads, first + kWarp));
        uint64_t before;
        do {
            before = progress;
            resume(some);
        } while (progress != before);
    }
}

void runBlock() {
    finished = 0;
    blockBarrier = {};
    std::fill(shared.begin(), shared.end(), (char)0xA5);
    warps.assign((threads + kWarp - 1) / kWarp, Warp());
    for (uint32_t t = 0; t < threads; t++) {
        allThreads[t]->fiber.restart(runThread);
        allThreads[t]->done = false;
    }
    while (finished < threads) {
        uint64_t before = progress;
        if (order == kTogether) {
            resume(ordered(0, threads));
        } else {
            runWarps();
        }
        if (progress == before) {
            violate("threads wait at a barrier that others never reach");
            return;
        }
    }
}

}  // namespace

const Position& current() { return position; }

void setOrder(Order next) {
    order = next;
    shuffle.seed(1);
}

void runGrid(Size grid, Size block, size_t sharedBytes, const std::function<void()>& body) {
    threads = block.x;
    shared.resize(sharedBytes);
    while (allThreads.size() < threads) allThreads.push_back(std::make_unique<Thread>());
    work = &body;
    position.blockSize = block;
    position.gridSize = grid;
    for (uint32_t n : ordered(0, grid.x * grid.y)) {
        position.block = {n % grid.x, n / grid.x, 0};
        runBlock();
    }
}

char* launchMemory(int at, size_t bytes) {
    if (at >= 0 && (size_t)at + bytes <= shared.size() && (size_t)at % bytes == 0) return shared.data() + at;
    violate("a kernel accesses shared memory that its launch does not have, or misaligned");
    return nullptr;
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
