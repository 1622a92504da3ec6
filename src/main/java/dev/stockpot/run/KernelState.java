package dev.stockpot.run;

import java.util.Objects;
import java.util.Optional;

/**
 * Which kernels this machine runs, and why.
 *
 * @param name of the instruction set: {@code java}, {@code scalar}, {@code avx2} or {@code avx512}
 * @param whyNotNative the reason why the native library cannot be used; empty if it can
 */
public record KernelState(String name, Optional<String> whyNotNative) {
    public KernelState {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(whyNotNative, "whyNotNative");
    }

    /** Whether the native library is in use. */
    public boolean isNative() {
        return !name.equals("java");
    }
}
