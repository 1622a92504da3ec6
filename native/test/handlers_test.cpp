// Whatever handled SIGBUS before the guard was installed still handles each SIGBUS that is not the guard's: a handler
// of either kind, the default action, or none; for faults and for signals that were sent. Each in a process of its own,
// as the guard is installed once.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "children.h"
#include "stockpot.h"

namespace {

constexpr int64_t kBytes = 64 << 10;

sigjmp_buf outside;
volatile sig_atomic_t seen;
void* volatile seenAddress;

void plain(int) {
    seen = seen + 1;
    siglongjmp(outside, 1);
}

void detailed(int, siginfo_t* info, void* context) {
    seen = seen + 1;
    seenAddress = context == nullptr ? nullptr : info->si_addr;
    siglongjmp(outside, 1);
}

void counting(int) { seen = seen + 1; }

// A mapping whose file is gone but for its first page, after a guarded call that it failed.
char* mappingAfterFault() {
    char path[] = "handlers_test_XXXXXX";
    const int descriptor = mkstemp(path);
    int64_t file[3] = {};
    static char copy[kBytes];
    if (descriptor < 0 || ftruncate(descriptor, kBytes) != 0 || sp_map_file((const int8_t*)path, file) != 0 ||
        ftruncate(descriptor, 4096) != 0) {
        abort();
    }
    unlink(path);
    if (sp_copy((sp_address)copy, file[0], kBytes) == 0) abort();
    return (char*)file[0];
}

void handle(void (*handler)(int), int flags = 0) {
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigaction(SIGBUS, &action, nullptr);
}

int faultWithPlainHandler() {
    handle(plain);
    char* mapping = mappingAfterFault();
    if (sigsetjmp(outside, 1) == 0) (void)*(volatile char*)(mapping + 8192);
    return seen == 1 ? 0 : 1;
}

int faultWithDetailedHandler() {
    struct sigaction action = {};
    action.sa_sigaction = detailed;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGBUS, &action, nullptr);
    char* mapping = mappingAfterFault();
    if (sigsetjmp(outside, 1) == 0) (void)*(volatile char*)(mapping + 8200);
    if (seen != 1 || seenAddress != mapping + 8200) return 1;
    // And again.
    if (sigsetjmp(outside, 1) == 0) (void)*(volatile char*)(mapping + 12300);
    return seen == 2 && seenAddress == mapping + 12300 ? 0 : 1;
}

int sentWithPlainHandler() {
    handle(counting);
    mappingAfterFault();
    raise(SIGBUS);
    raise(SIGBUS);
    return seen == 2 ? 0 : 1;
}

template <bool kSent>
int without(void (*handler)(int)) {
    handle(handler);
    char* mapping = mappingAfterFault();
    if (kSent) {
        raise(SIGBUS);
    } else {
        (void)*(volatile char*)(mapping + 8192);
    }
    return 0;
}

int failures = 0;

void expect(const char* what, int status, int expected) {
    if (status == expected) return;
    printf("failed: %s: ended with %d, expected %d\n", what, status, expected);
    failures++;
}

}  // namespace

int main() {
    expect("a fault, with an earlier handler", children::run(faultWithPlainHandler), 0);
    expect("a fault, with an earlier handler that wants details", children::run(faultWithDetailedHandler), 0);
    expect("a signal that was sent, with an earlier handler", children::run(sentWithPlainHandler), 0);
    expect("a fault, by default", children::run([] { return without<false>(SIG_DFL); }), -SIGBUS);
    expect("a signal that was sent, by default", children::run([] { return without<true>(SIG_DFL); }), -SIGBUS);
    // The system lets nobody ignore a fault.
    expect("a fault, ignored", children::run([] { return without<false>(SIG_IGN); }), -SIGBUS);
    expect("a signal that was sent, ignored", children::run([] { return without<true>(SIG_IGN); }), 0);
    printf("%d failures\n", failures);
    return failures != 0;
}
