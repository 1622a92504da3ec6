package dev.stockpot.error;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an exception knows besides its reason and message. Immutable: each method returns a new instance. */
public final class Details {
    private static final Details NONE =
            new Details(Optional.empty(), Optional.empty(), Map.of(), List.of(), Optional.empty(), Optional.empty());

    final Optional<Path> file;
    final Optional<String> tensor;
    final Map<String, Number> numbers;
    final List<String> choices;
    final Optional<String> hint;
    final Optional<Throwable> cause;

    private Details(
            Optional<Path> file,
            Optional<String> tensor,
            Map<String, Number> numbers,
            List<String> choices,
            Optional<String> hint,
            Optional<Throwable> cause) {
        this.file = file;
        this.tensor = tensor;
        this.numbers = numbers;
        this.choices = choices;
        this.hint = hint;
        this.cause = cause;
    }

    /** No details. */
    public static Details of() {
        return NONE;
    }

    /** The file or folder that it is about. */
    public Details file(Path path) {
        return new Details(Optional.of(path), tensor, numbers, choices, hint, cause);
    }

    /** The tensor that it is about. */
    public Details tensor(String name) {
        return new Details(file, Optional.of(name), numbers, choices, hint, cause);
    }

    /** A number in the message. */
    public Details number(String name, Number value) {
        Map<String, Number> more = new LinkedHashMap<>(numbers);
        more.put(name, value);
        return new Details(file, tensor, Collections.unmodifiableMap(more), choices, hint, cause);
    }

    /** What can be chosen instead. */
    public Details choices(List<String> others) {
        return new Details(file, tensor, numbers, List.copyOf(new ArrayList<>(others)), hint, cause);
    }

    /** What can be done about it, in words that both a program's author and its user understand; null for nothing. */
    public Details hint(@Nullable String text) {
        return new Details(file, tensor, numbers, choices, Optional.ofNullable(text), cause);
    }

    /** The exception or error that caused it; null for none. */
    public Details cause(@Nullable Throwable thrown) {
        return new Details(file, tensor, numbers, choices, hint, Optional.ofNullable(thrown));
    }
}
