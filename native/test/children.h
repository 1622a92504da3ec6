// Runs a test in a process of its own: what it sets up there stays there, and it may end by a signal.
#ifndef STOCKPOT_CHILDREN_H
#define STOCKPOT_CHILDREN_H

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

namespace children {

// The child's exit status; a negative number is the signal that ended it.
template <class Work>
int run(Work work) {
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        const int status = work();
        fflush(stdout);
        _exit(status);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) return 255;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace children

#endif  // STOCKPOT_CHILDREN_H
