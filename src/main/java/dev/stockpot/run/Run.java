package dev.stockpot.run;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * How work is done: with which threads, on which device, how files are read, and which listener follows. Nothing here changes a
 * bit of a result. Immutable; one instance can serve any number of calls, also concurrently.
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

    /** All processors, the best kernels, I/O by {@link IoMode#AUTO}, nothing overwritten, a silent listener. */
    public static Run defaults() {
        return DEFAULTS;
    }

    /** A builder set to the {@link #defaults}. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder set to the settings of this run. */
    public Builder toBuilder() {
        return new Builder(settings);
    }

    /** The number of worker threads; empty for as many as there are processors. */
    public OptionalInt threads() {
        return settings.threads == 0 ? OptionalInt.empty() : OptionalInt.of(settings.threads);
    }

    /** Where worker threads come from; empty if Stockpot starts them. */
    public Optional<Executor> executor() {
        return settings.executor;
    }

    /** Open kernels to compute on; if there are some, backend and instruction set are ignored. */
    public Optional<OpenKernels> kernels() {
        return settings.kernels;
    }

    /** Where to compute. */
    public Backend backend() {
        return settings.backend;
    }

    /** The number of the GPU, from 0. */
    public int device() {
        return settings.device;
    }

    /** The most GPU memory to use, in bytes; empty for half of what is free. */
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

    /** Whether an existing output is replaced. */
    public boolean overwrite() {
        return settings.overwrite;
    }

    /** The concerns that do not stop it; it warns of them instead. */
    public Set<Concern> allowed() {
        return settings.allowed;
    }

    /** The listener that follows the run. */
    public RunListener listener() {
        return settings.listener;
    }

    /** Builds a {@link Run}. */
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
        private Set<Concern> allowed = Set.of();
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
            allowed = other.allowed;
            listener = other.listener;
        }

        /**
         * The number of worker threads; a run that reads past the page cache has a few more, which wait for the disk.
         *
         * @throws IllegalArgumentException if it is less than 1
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
         * occupy the last thread of {@code source}.
         */
        public Builder executor(Executor source) {
            executor = Optional.of(source);
            return this;
        }

        /** Computes on kernels that are already open. They must stay open until the run ends; the run does not close them. */
        public Builder kernels(OpenKernels open) {
            kernels = Optional.of(open);
            return this;
        }

        /** Where to compute. */
        public Builder backend(Backend choice) {
            backend = Objects.requireNonNull(choice, "backend");
            return this;
        }

        /**
         * The number of the GPU, from 0.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder device(int number) {
            if (number < 0) {
                throw new IllegalArgumentException("a GPU's number should be at least 0 but got " + number);
            }
            device = number;
            return this;
        }

        /**
         * The most GPU memory to use, in bytes.
         *
         * @throws IllegalArgumentException if it is less than 1
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

        /** Whether an existing output is replaced. */
        public Builder overwrite(boolean replace) {
            overwrite = replace;
            return this;
        }

        /** Concerns that should not stop it; it warns of them instead. */
        public Builder allow(Set<Concern> concerns) {
            allowed = Set.copyOf(concerns);
            return this;
        }

        /** The listener that follows the run. */
        public Builder listener(RunListener follower) {
            listener = Objects.requireNonNull(follower, "listener");
            return this;
        }

        /** The run as currently set. */
        public Run build() {
            return new Run(new Builder(this));
        }
    }
}
