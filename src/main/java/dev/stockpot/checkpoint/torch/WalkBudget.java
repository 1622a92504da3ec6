package dev.stockpot.checkpoint.torch;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.nio.file.Path;

/**
 * How much the walks through one file's structure may take, together: a pickle of a few bytes can repeat its mappings
 * billions of times, or put long keys into billions of names. Files that name each tensor once or twice stay far below it.
 */
final class WalkBudget {
    private static final long STEPS = 4_000_000;
    private static final long STEPS_PER_BYTE = 8;
    private static final long CHARACTERS = 8_000_000;
    private static final long CHARACTERS_PER_BYTE = 8;

    /** What a tensor takes in addition to its name, in characters. */
    private static final int TENSOR = 128;

    private final Path file;
    private long steps;
    private long characters;

    /**
     * The budget of a file.
     *
     * @param pickleBytes the length of its pickle, inflated
     */
    WalkBudget(Path file, long pickleBytes) {
        this.file = file;
        this.steps = STEPS + STEPS_PER_BYTE * pickleBytes;
        this.characters = CHARACTERS + CHARACTERS_PER_BYTE * pickleBytes;
    }

    Path file() {
        return file;
    }

    /** Whether a walk was refused for it; all further ones are. */
    boolean isSpent() {
        return steps < 0 || characters < 0;
    }

    /**
     * Takes a look at some entries.
     *
     * @throws CheckpointException if that is too much
     */
    void look(long entries) {
        steps -= entries;
        check();
    }

    /** Makes a name of some characters. */
    void name(long length) {
        characters -= length;
        check();
    }

    /** Names a tensor. */
    void tensor(long length) {
        name(length + TENSOR);
    }

    private void check() {
        if (isSpent()) {
            throw tooMuch();
        }
    }

    CheckpointException tooMuch() {
        return new CheckpointException(Reason.DAMAGED, file, "nests or repeats its mappings too much");
    }
}
