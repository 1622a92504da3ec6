// How tests control and query the emulated driver. It is also controlled from Java (class CudaEmulator) and, at start,
// by the environment:
//
//     STOCKPOT_EMULATED_MEMORY      bytes of the card
//     STOCKPOT_EMULATED_DEVICES     cards
//     STOCKPOT_EMULATED_VERSION     the driver's, as cuDriverGetVersion returns it
//     STOCKPOT_EMULATED_FAILURE     N:CODE fails the N-th call from now with that code
#ifndef STOCKPOT_EMULATOR_DRIVER_H
#define STOCKPOT_EMULATOR_DRIVER_H

#include <stdint.h>

extern "C" {

// A fresh driver with these cards: no failure ahead, nothing allocated.
void stockpot_emulator_reset(int64_t memory, int32_t devices, int32_t version);

// Fails the n-th call from now, counted from 1, with a code of CUresult. Queued work is then lost, which waiting for it
// reports, unless the call frees something: it then does so all the same.
void stockpot_emulator_fail(int64_t n, int32_t code);

// The order of the threads of launches from now on, one of grid.h's; -1, as at first, for another one at each launch.
void stockpot_emulator_order(int32_t order);

// Calls so far; things that a card would fail on; objects that were not freed; bytes copied to and from the card,
// launches; the most device memory that was in use.
int64_t stockpot_emulator_calls();
int64_t stockpot_emulator_violations();
int64_t stockpot_emulator_live();
int64_t stockpot_emulator_uploaded();
int64_t stockpot_emulator_downloaded();
int64_t stockpot_emulator_launches();
int64_t stockpot_emulator_peak();
}

#endif  // STOCKPOT_EMULATOR_DRIVER_H
