package dev.stockpot.engine.disk;

import dev.stockpot.system.TemporaryName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/** What killed runs have left of an output. */
public final class Leftovers {
    private static final String ASIDE = ".old";

    private Leftovers() {}

    /** Where a model directory is moved for a moment, if it cannot change places with the temporary one that replaces it. */
    public static Path aside(Path temporary) {
        return temporary.resolveSibling(temporary.getFileName() + ASIDE);
    }

    /** Puts back a model directory that was moved aside, if nothing has taken its place. */
    public static void restore(OutputFiles system, Path target) throws IOException {
        for (Path left : TemporaryName.leftovers(target.getParent(), name(target), ASIDE)) {
            if (!system.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(left, target);
            }
        }
    }

    /** Deletes what is left. */
    public static void sweep(OutputFiles system, Path target) {
        for (String ending : new String[] {"", ASIDE}) {
            for (Path left : TemporaryName.leftovers(target.getParent(), name(target), ending)) {
                try {
                    system.delete(left);
                } catch (IOException e) {
                    // The next run tries again.
                }
            }
        }
    }

    /** Tells what may be left by runs elsewhere, of which nothing is known here. */
    public static void elsewhere(List<String> told, Path target) {
        for (Path left : TemporaryName.madeElsewhere(target.getParent(), name(target))) {
            told.add(left
                    + " is there from a run on another machine or in another container; remove it if that has ended");
        }
    }

    private static String name(Path target) {
        return target.getFileName().toString();
    }
}
