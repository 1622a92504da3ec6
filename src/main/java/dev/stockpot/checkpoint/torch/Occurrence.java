package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.torch.pickle.Value;
import java.util.Objects;

/** An object by identity, not by equality; for a tensor, with the name of what replaces it there. */
record Occurrence(Value value, String replacement) {
    @Override
    public boolean equals(Object other) {
        return other instanceof Occurrence o && o.value == value && Objects.equals(o.replacement, replacement);
    }

    @Override
    public int hashCode() {
        return 31 * System.identityHashCode(value) + Objects.hashCode(replacement);
    }
}
