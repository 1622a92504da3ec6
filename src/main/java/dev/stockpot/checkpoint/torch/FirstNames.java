package dev.stockpot.checkpoint.torch;

import dev.stockpot.text.Printable;
import java.util.ArrayList;
import java.util.List;

/** The first few of many names, and how many there are: a file may have millions. */
final class FirstNames {
    /** How many a sentence shows. */
    private static final int SHOWN = 8;

    private final List<String> names = new ArrayList<>();
    private long count;

    /** Whether the next name is one that is kept. */
    boolean isOpen() {
        return names.size() < SHOWN;
    }

    /** Counts one, which is kept if it is among the first. */
    void add(String name) {
        if (isOpen()) {
            names.add(Printable.name(name));
        }
        count++;
    }

    /** Counts one whose name is not worth making. */
    void addMore() {
        count++;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Such as {@code a, b, c and 4 more}. */
    @Override
    public String toString() {
        String shown = String.join(", ", names);
        return count == names.size() ? shown : shown + " and " + (count - names.size()) + " more";
    }
}
