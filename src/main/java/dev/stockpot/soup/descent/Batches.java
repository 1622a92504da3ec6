package dev.stockpot.soup.descent;

import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.options.LearnedOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Which examples of the held-out set are learned from, in which batches, and which are held back. */
final class Batches {
    private final LearnedOptions options;
    private final int[] learned;
    private final int[] heldBack;

    Batches(LearnedOptions options, int examples) {
        this.options = options;
        int[] all = new int[examples];
        Arrays.setAll(all, i -> i);
        if (options.shuffle()) {
            shuffle(all, new Random(options.seed()));
        }
        int kept = (int) Math.ceil(options.heldBack() * examples);
        if (examples - kept < 1) {
            throw new SoupException(
                    Reason.TOO_FEW_EXAMPLES,
                    "of " + examples + " examples " + kept + " are held back, and none is left to learn from",
                    Details.of().number("examples", examples).number("held back", kept));
        }
        learned = Arrays.copyOf(all, examples - kept);
        heldBack = Arrays.copyOfRange(all, examples - kept, examples);
        Arrays.sort(learned);
        Arrays.sort(heldBack);
    }

    /** The batches of epoch number {@code epoch}, from 0; always the same, so that a run can be resumed. */
    List<int[]> of(int epoch) {
        int[] order = learned.clone();
        if (options.shuffle()) {
            shuffle(order, new Random(options.seed() + 0x9E3779B97F4A7C15L * (epoch + 1)));
        }
        List<int[]> batches = new ArrayList<>();
        for (int from = 0; from < order.length; from += options.batchSize()) {
            batches.add(Arrays.copyOfRange(order, from, Math.min(order.length, from + options.batchSize())));
        }
        return batches;
    }

    /** The examples that an epoch's soup is scored on: those held back, or all if none are. */
    int[] scored() {
        return heldBack.length == 0 ? learned : heldBack;
    }

    boolean holdsBack() {
        return heldBack.length > 0;
    }

    private static void shuffle(int[] values, Random random) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }
}
