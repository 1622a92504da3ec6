package dev.stockpot.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What tools/fuzz starts: a target under Jazzer, or, as a program, a target on the files that are named. The property
 * {@code stockpot.fuzz.report} names the file that the figures go to.
 */
public final class Fuzzer {
    private static FuzzBounds bounds;

    private Fuzzer() {}

    /** Called by Jazzer once, with the target's name. */
    public static void fuzzerInitialize(String[] arguments) {
        bounds = new FuzzBounds(FuzzTargets.open(arguments[0]));
        Path report = Path.of(System.getProperty("stockpot.fuzz.report"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> write(report)));
    }

    private static void write(Path report) {
        try {
            Files.writeString(report, bounds.report() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Called by Jazzer for each input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        bounds.run(input);
    }

    /** Runs a target on files. */
    public static void main(String[] arguments) throws Exception {
        bounds = new FuzzBounds(FuzzTargets.open(arguments[0]));
        for (int k = 1; k < arguments.length; k++) {
            bounds.run(Files.readAllBytes(Path.of(arguments[k])));
        }
        System.out.println(arguments[0] + ": " + bounds.report());
    }
}
