// What the tests of CUDA kernels share: an emulated card with the kernels loaded, and what has failed so far.
#ifndef STOCKPOT_FRESH_CARD_H
#define STOCKPOT_FRESH_CARD_H

#include <stdint.h>
#include <stdio.h>

#include <random>

#include "cuda_api.h"
#include "cuda_emulator/driver.h"

namespace {

constexpr int kTypes = 6;
constexpr int kBytes[] = {8, 4, 2, 2, 1, 1};
std::mt19937_64 rng(1);
int failures = 0;
void* module;
void* stream;

void expect(bool right, const char* what) {
    if (right) return;
    printf("failed: %s\n", what);
    failures++;
}

void freshCard() {
    void* context = nullptr;
    stockpot_emulator_reset((int64_t)1 << 30, 1, 13000);
    cuInit(0);
    cuDevicePrimaryCtxRetain(&context, 0);
    cuCtxPushCurrent_v2(context);
    cuModuleLoadData(&module, "");
    cuStreamCreate(&stream, 1);
}

}  // namespace

#endif  // STOCKPOT_FRESH_CARD_H
