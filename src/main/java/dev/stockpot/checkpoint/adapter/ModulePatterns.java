package dev.stockpot.checkpoint.adapter;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.Printable;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Numbers for some modules, by expressions that match the ends of their names as PEFT matches them: in the order of the file,
 * {@code re.match(r"(.*\.)?(KEY)$", name)}. Expressions are strangers' texts, so all matches together take a bounded time.
 */
final class ModulePatterns {
    /** Looks at a character of a name, in all. */
    private static final int MOST_STEPS = 50_000_000;

    private final Path file;
    private final Map<Pattern, Double> values = new LinkedHashMap<>();
    private int left = MOST_STEPS;

    ModulePatterns(Path file, Map<String, Double> byKey) {
        this.file = file;
        byKey.forEach((key, value) -> {
            try {
                values.put(Pattern.compile("(.*\\.)?(" + key + ")$"), value);
            } catch (PatternSyntaxException e) {
                throw wrong(
                        "has a pattern '" + Printable.name(key) + "' that is no regular expression: "
                                + e.getDescription(),
                        e);
            }
        });
    }

    /** The number of the first pattern that matches. */
    synchronized Optional<Double> of(String module) {
        if (values.isEmpty()) {
            return Optional.empty();
        }
        CharSequence bounded = new Bounded(module, 0, module.length());
        try {
            for (Map.Entry<Pattern, Double> entry : values.entrySet()) {
                if (entry.getKey().matcher(bounded).lookingAt()) {
                    return Optional.of(entry.getValue());
                }
            }
            return Optional.empty();
        } catch (StackOverflowError e) {
            throw wrong("has a pattern that cannot be matched with " + module, e);
        }
    }

    private CheckpointException wrong(String why, Throwable cause) {
        return new CheckpointException(Reason.DAMAGED, file, why, Details.of().cause(cause));
    }

    /** A part of a name that counts how often it is looked at. */
    private final class Bounded implements CharSequence {
        private final String name;
        private final int from;
        private final int to;

        Bounded(String name, int from, int to) {
            this.name = name;
            this.from = from;
            this.to = to;
        }

        @Override
        public char charAt(int index) {
            if (--left < 0) {
                throw wrong("has patterns that try too many ways to match the names of modules", null);
            }
            return name.charAt(from + index);
        }

        @Override
        public int length() {
            return to - from;
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Bounded(name, from + start, from + end);
        }

        @Override
        public String toString() {
            return name.substring(from, to);
        }
    }
}
