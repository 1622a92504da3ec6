// Which calls of this process are counted, and what befalls one of them; stated by environment variables.
#pragma once

namespace faults {

// What befalls a call.
enum class Fate {
    none,
    fail,       // It is not made, and fails with an error number.
    shorten,    // It does half of what it was asked.
    killAfter,  // It is made, and then the process is killed.
};

struct Fault {
    Fate fate;
    int error;
};

// Counts a call on a file; kills, waits or runs a command here if that comes before the call. A call on any other file
// has no fate.
Fault next(const char* call, const char* path);

// Whether a path, or a path in the folder that a descriptor stands for, is in the folders watched.
bool watches(const char* path);

[[noreturn]] void killProcess();

}  // namespace faults
