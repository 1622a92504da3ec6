// Turns SIGBUS inside a piece of work into a return value.
#ifndef STOCKPOT_GUARD_H
#define STOCKPOT_GUARD_H

#include <setjmp.h>
#include <stdint.h>

namespace stockpot {

// What the handler needs to know about a thread inside a guard.
struct Guard {
    sigjmp_buf jump;
    // Where the fault was, written by the handler.
    volatile uintptr_t address;
    Guard* outer;
};

// Installs the handler at the first call; leaves every SIGBUS outside a guard to the handler that was there before.
void installGuard();

// The innermost guard of this thread; null outside.
Guard*& currentGuard();

// Runs work; false if a page that it touched could not be read (its file shrank, or the disk failed), with the address
// in *fault. Work is then cut short without unwinding, so it must own nothing.
template <class Work>
bool guarded(Work work, uintptr_t* fault) {
    installGuard();
    Guard guard;
    guard.outer = currentGuard();
    // 0: the signal mask is not saved, which would cost a system call; the handler does not change it (SA_NODEFER).
    if (sigsetjmp(guard.jump, 0) != 0) {
        currentGuard() = guard.outer;
        *fault = guard.address;
        return false;
    }
    currentGuard() = &guard;
    work();
    currentGuard() = guard.outer;
    return true;
}

}  // namespace stockpot

#endif  // STOCKPOT_GUARD_H
