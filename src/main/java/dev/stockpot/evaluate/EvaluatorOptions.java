package dev.stockpot.evaluate;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** Options of evaluators; each kind uses those that apply to it. Immutable. */
public final class EvaluatorOptions {
    /** The batch size if none is set. */
    public static final int DEFAULT_BATCH_SIZE = 256;

    private static final EvaluatorOptions DEFAULTS = builder().build();

    private final Builder settings;

    private EvaluatorOptions(Builder settings) {
        this.settings = settings;
    }

    /** One evaluation at a time on all processors, no time limit, silent. */
    public static EvaluatorOptions defaults() {
        return DEFAULTS;
    }

    /** Starts from the {@link #defaults}. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder set to these options. */
    public Builder toBuilder() {
        return new Builder(settings);
    }

    /** The held-out set of evaluators that run in this process: a safetensors file with {@code inputs} and {@code labels}. */
    public Optional<Path> data() {
        return settings.data;
    }

    /** Examples that an evaluator in this process scores at a time. */
    public int batchSize() {
        return settings.batchSize;
    }

    /** The input of an ONNX model that takes the examples' inputs; empty if only one can. */
    public Optional<String> inputName() {
        return settings.inputName;
    }

    /** The output of an ONNX model that is logits; empty for its first. */
    public Optional<String> outputName() {
        return settings.outputName;
    }

    /** The longest that one evaluation may take; empty for no limit. */
    public Optional<Duration> timeout() {
        return settings.timeout;
    }

    /** How many evaluations may run at the same time. */
    public int jobs() {
        return settings.jobs;
    }

    /** CPU threads that evaluators in this process may use in total. */
    public int threads() {
        return settings.threads;
    }

    /** The metric that the caller decides by; empty for the evaluator's main one. */
    public Optional<String> metric() {
        return settings.metric;
    }

    /** Receives each line that an evaluator's process writes to stderr. */
    public Consumer<String> output() {
        return settings.output;
    }

    /** Receives notes for the user. */
    public Consumer<String> notes() {
        return settings.notes;
    }

    /** Builds {@link EvaluatorOptions}. */
    public static final class Builder {
        private Optional<Path> data = Optional.empty();
        private int batchSize = DEFAULT_BATCH_SIZE;
        private Optional<String> inputName = Optional.empty();
        private Optional<String> outputName = Optional.empty();
        private Optional<Duration> timeout = Optional.empty();
        private Optional<String> metric = Optional.empty();
        private int jobs = 1;
        private int threads = Runtime.getRuntime().availableProcessors();
        private Consumer<String> output = line -> {};
        private Consumer<String> notes = note -> {};

        private Builder() {}

        private Builder(Builder other) {
            data = other.data;
            batchSize = other.batchSize;
            inputName = other.inputName;
            outputName = other.outputName;
            timeout = other.timeout;
            metric = other.metric;
            jobs = other.jobs;
            threads = other.threads;
            output = other.output;
            notes = other.notes;
        }

        /** The held-out set: a safetensors file with {@code inputs} [n, ...] and {@code labels} [n] I64. */
        public Builder data(Path file) {
            data = Optional.of(file);
            return this;
        }

        /**
         * Examples scored at a time.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder batchSize(int examples) {
            batchSize = positive(examples, "the batch size");
            return this;
        }

        /** The input of an ONNX model that takes the examples' inputs. */
        public Builder inputName(String name) {
            inputName = Optional.of(name);
            return this;
        }

        /** The output of an ONNX model that is logits. */
        public Builder outputName(String name) {
            outputName = Optional.of(name);
            return this;
        }

        /** The longest that one evaluation may take. */
        public Builder timeout(Duration longest) {
            timeout = Optional.of(longest);
            return this;
        }

        /**
         * Evaluations that may run at the same time.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder jobs(int count) {
            jobs = positive(count, "jobs");
            return this;
        }

        /**
         * CPU threads in total.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder threads(int count) {
            threads = positive(count, "threads");
            return this;
        }

        /** The metric that the caller decides by: no note is needed then of the one that decides otherwise. */
        public Builder metric(String name) {
            metric = Optional.of(name);
            return this;
        }

        /** Receives each line that an evaluator's process writes to stderr. */
        public Builder output(Consumer<String> lines) {
            output = Objects.requireNonNull(lines, "output");
            return this;
        }

        /** Receives notes for the user. */
        public Builder notes(Consumer<String> listener) {
            notes = Objects.requireNonNull(listener, "notes");
            return this;
        }

        /** The options as they are set now. */
        public EvaluatorOptions build() {
            return new EvaluatorOptions(new Builder(this));
        }

        private static int positive(int count, String what) {
            if (count < 1) {
                throw new IllegalArgumentException(what + " should be at least 1 but got " + count);
            }
            return count;
        }
    }
}
