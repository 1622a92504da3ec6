package dev.stockpot.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Gives hostile bytes to one reader. Instances are for one thread. */
@FunctionalInterface
public interface FuzzTarget {
    /** Reads {@code input}. Returns if it was read or refused as documented; whatever is thrown is a finding. */
    void run(byte[] input) throws Exception;

    /** How many bytes the reader is given for it: what its time and memory are measured by. */
    default long bytes(byte[] input) {
        return input.length;
    }

    /** A file for inputs, deleted at the end of the JVM. */
    static Path file(String ending) {
        try {
            Path folder = Files.createTempDirectory("stockpot-fuzz-");
            Path file = folder.resolve("input" + ending);
            folder.toFile().deleteOnExit();
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
