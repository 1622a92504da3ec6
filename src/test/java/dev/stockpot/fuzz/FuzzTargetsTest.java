package dev.stockpot.fuzz;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs every target over its corpus and over mutants of it; tools/fuzz looks for inputs that these do not find. */
class FuzzTargetsTest {
    private static final int MUTANTS = 2_000;
    private static final int LARGEST = 1 << 14;

    static List<String> targets() {
        return FuzzTargets.names();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void everyInputIsReadOrRefusedWithinBounds(String name) throws IOException {
        FuzzBounds target = new FuzzBounds(FuzzTargets.open(name));
        List<byte[]> corpus = new ArrayList<>();
        for (Path file : FuzzTargets.corpus(name)) {
            byte[] input = Files.readAllBytes(file);
            assertTrue(input.length <= LARGEST, file + " is too large for a corpus");
            run(target, input, file.toString());
            corpus.add(input);
        }
        assertTrue(corpus.size() > 2, "a corpus for " + name);
        Mutants mutants = new Mutants(corpus, name.hashCode());
        // A program's pickle is long by itself, and a recipe is read in several ways, written, and read again.
        for (int k = 0; k < (name.equals("program") || name.equals("recipes") ? MUTANTS / 20 : MUTANTS); k++) {
            run(target, mutants.next(), "mutant " + k);
        }
    }

    private static void run(FuzzBounds target, byte[] input, String what) {
        try {
            target.run(input);
        } catch (Throwable e) {
            throw new AssertionError(what + ": " + Base64.getEncoder().encodeToString(input), e);
        }
    }

    @Test
    void whatTakesTooLongOrTooMuchIsAFinding() {
        byte[][] kept = new byte[1][];
        assertThrows(
                AssertionError.class, () -> new FuzzBounds(input -> kept[0] = new byte[64 << 20]).run(new byte[1]));
        FuzzTarget slow = input -> {
            long end = System.nanoTime() + 100_000_000;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        };
        assertThrows(AssertionError.class, () -> new FuzzBounds(slow, 10_000_000).run(new byte[1]));
    }
}
