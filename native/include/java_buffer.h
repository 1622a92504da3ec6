#ifndef STOCKPOT_JAVA_BUFFER_H
#define STOCKPOT_JAVA_BUFFER_H

#include <jni.h>

#include <cstdint>

// A direct Java buffer over memory that it does not own.
static inline jobject sp_buffer_at(JNIEnv* env, jclass, int64_t address, int64_t bytes) {
    return env->NewDirectByteBuffer(reinterpret_cast<void*>(address), bytes);
}

#endif  // STOCKPOT_JAVA_BUFFER_H
