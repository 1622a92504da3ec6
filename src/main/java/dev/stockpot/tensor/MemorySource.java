package dev.stockpot.tensor;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Values that a program keeps, or makes on request.
 *
 * @param name for messages
 * @param values the values; they must not change while a run reads them
 */
public record MemorySource(String name, TensorMemory values) implements Source {
    public MemorySource {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(values, "values");
    }

    @Override
    public Optional<Path> file() {
        return Optional.empty();
    }

    @Override
    public Optional<Path> local() {
        return Optional.empty();
    }

    @Override
    public String toString() {
        return name;
    }
}
