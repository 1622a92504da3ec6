#include "guard.h"

#include <pthread.h>
#include <signal.h>

namespace {

struct sigaction previous;
pthread_once_t once = PTHREAD_ONCE_INIT;
thread_local stockpot::Guard* current = nullptr;

void onBusError(int signal, siginfo_t* info, void* context) {
    if (stockpot::Guard* guard = current) {
        guard->address = (uintptr_t)info->si_addr;
        siglongjmp(guard->jump, 1);
    }
    if (previous.sa_flags & SA_SIGINFO) return previous.sa_sigaction(signal, info, context);
    if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) return previous.sa_handler(signal);
    // The instruction runs again after this return and faults with the default action.
    ::signal(SIGBUS, SIG_DFL);
    // A signal that was sent, not caused by an instruction, does not come again on its own.
    if (info->si_code <= 0) raise(SIGBUS);
}

void install() {
    struct sigaction action = {};
    action.sa_sigaction = onBusError;
    // SA_ONSTACK: the JVM's threads may have little stack left; SA_NODEFER: jumping out must not leave SIGBUS blocked.
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
}

}  // namespace

void stockpot::installGuard() { pthread_once(&once, install); }

stockpot::Guard*& stockpot::currentGuard() { return current; }
