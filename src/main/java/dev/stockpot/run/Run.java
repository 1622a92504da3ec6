package dev.stockpot.run;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Executor;

/**
 * How work is done: with which threads, on what, reading how, and who follows it. Nothing here changes a bit of a result.
 * Immutable; one can serve any number of calls, at once too.
 *
 * <pre>{@code
 * Run run = Run.builder().threads(4).overwrite(true).listener(listener).build();
 * }</pre>
 */
public final class Run {
    private static final Run DEFAULTS = builder().build();

    private final Builder settings;

    private Run(Builder settings) {
        this.settings = settings;
    }

    /** All processors, the best kernels, files mapped where that is right, nothing overwritten, nobody told. */
    public static Run defaults() {
        return DEFAULTS;
    }

    /** Begins with the {@link #defaults}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Begins with the settings of this. */
    public Builder toBuilder() {
        return new Builder(settings);
    }

    /** Worker threads, if they are set; otherwise as many as there are processors. */
    public OptionalInt threads() {
        return settings.threads == 0 ? OptionalInt.empty() : OptionalInt.of(settings.threads);
    }

    /** Where worker threads come from, if not from Stockpot. */
    public Optional<Executor> executor() {
        return settings.executor;
    }

    /** Kernels to compute on that are open already; nothing else is asked of a backend or instruction set then. */
    public Optional<OpenKernels> kernels() {
        return settings.kernels;
    }

    /** What computes. */
    public Backend backend() {
        return settings.backend;
    }

    /** The GPU, by its number from 0. */
    public int device() {
        return settings.device;
    }

    /** The most of the GPU's memory to use, in bytes; if it is not set, half of what is free. */
    public OptionalLong deviceMemory() {
        return settings.deviceMemory == 0 ? OptionalLong.empty() : OptionalLong.of(settings.deviceMemory);
    }

    /** The instruction set on the CPU. */
    public Isa isa() {
        return settings.isa;
    }

    /** How ingredients are read. */
    public IoMode io() {
        return settings.io;
    }

    /** Whether an output that exists is replaced. */
    public boolean overwrite() {
        return settings.overwrite;
    }

    /** Who follows the run. */
    public RunListener listener() {
        return settings.listener;
    }

    /** Makes a {@link Run}. */
    public static final class Builder {
        private int threads;
        private Optional<Executor> executor = Optional.empty();
        private Optional<OpenKernels> kernels = Optional.empty();
        private Backend backend = Backend.AUTO;
        private int device;
        private long deviceMemory;
        private Isa isa = Isa.AUTO;
        private IoMode io = IoMode.AUTO;
        private boolean overwrite;
        private RunListener listener = RunListener.silent();

        private Builder() {}

        private Builder(Builder other) {
            threads = other.threads;
            executor = other.executor;
            kernels = other.kernels;
            backend = other.backend;
            device = other.device;
            deviceMemory = other.deviceMemory;
            isa = other.isa;
            io = other.io;
            overwrite = other.overwrite;
            listener = other.listener;
        }

        /**
         * Worker threads; a run that reads past the page cache has a few more, which wait for the disk.
         *
         * @throws IllegalArgumentException where it is less than 1
         */
        public Builder threads(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("threads should be at least 1 but got " + count);
            }
            threads = count;
            return this;
        }

        /**
         * Takes worker threads from {@code source} instead of starting them. The calling thread waits for them, so it must not
         * hold the last one that {@code source} has.
         */
        public Builder executor(Executor source) {
            executor = Optional.of(source);
            return this;
        }

        /** Computes on kernels that are open already; they stay open, and must until the run is over. */
        public Builder kernels(OpenKernels open) {
            kernels = Optional.of(open);
            return this;
        }

        /** What computes. */
        public Builder backend(Backend choice) {
            backend = Objects.requireNonNull(choice, "backend");
            return this;
        }

        /**
         * The GPU, by its number from 0.
         *
         * @throws IllegalArgumentException where it is negative
         */
        public Builder device(int number) {
            if (number < 0) {
                throw new IllegalArgumentException("a GPU's number should be at least 0 but got " + number);
            }
            device = number;
            return this;
        }

        /**
         * The most of the GPU's memory to use, in bytes.
         *
         * @throws IllegalArgumentException where it is less than 1
         */
        public Builder deviceMemory(long bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("a GPU's memory should be at least 1 byte but got " + bytes);
            }
            deviceMemory = bytes;
            return this;
        }

        /** The instruction set on the CPU. */
        public Builder isa(Isa choice) {
            isa = Objects.requireNonNull(choice, "isa");
            return this;
        }

        /** How ingredients are read. */
        public Builder io(IoMode mode) {
            io = Objects.requireNonNull(mode, "io");
            return this;
        }

        /** Whether an output that exists is replaced. */
        public Builder overwrite(boolean replace) {
            overwrite = replace;
            return this;
        }

        /** Who follows the run. */
        public Builder listener(RunListener follower) {
            listener = Objects.requireNonNull(follower, "listener");
            return this;
        }

        /** The run as it is set now. */
        public Run build() {
            return new Run(new Builder(this));
        }
    }
}
