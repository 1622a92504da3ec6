package dev.stockpot.faults;

import java.io.IOException;
import java.util.List;

/**
 * A use of the command.
 *
 * @param inputs the checkpoints that it reads, as {@link RunFolder#fill} takes them
 * @param words the command's words
 * @param output what it writes; empty if it only prints
 * @param setup writes the inputs, and what is at the output's place before
 */
record Scenario(String name, List<String> inputs, List<String> words, String output, Setup setup) {
    /** Prepares a folder. */
    interface Setup {
        void prepare(RunFolder folder) throws IOException;
    }

    /** Whether it runs for seconds rather than tenths. */
    boolean isSlow() {
        return name.contains("torchscript");
    }

    boolean replaces() {
        return words.contains("--force");
    }

    @Override
    public String toString() {
        return name;
    }
}
