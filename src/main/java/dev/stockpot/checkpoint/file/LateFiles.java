package dev.stockpot.checkpoint.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Temporary files whose bytes are made when they are first opened: a checkpoint of which only names and shapes are wanted
 * costs no copies. Thread-safe.
 */
public final class LateFiles {
    private static final Map<String, Late> EMPTY = new ConcurrentHashMap<>();

    private LateFiles() {}

    /** Makes a file's bytes. */
    @FunctionalInterface
    public interface Filling {
        /** @throws dev.stockpot.error.CheckpointException if what they are made of is damaged, or they have no room */
        void fill() throws IOException;
    }

    /** One file; whoever opens it while it is filled waits. */
    private static final class Late {
        private final Filling filling;
        private boolean filled;

        Late(Filling filling) {
            this.filling = filling;
        }

        /** Fills it, unless it is filled. If that fails, the next one who opens it tries again. */
        synchronized void fill() throws IOException {
            if (!filled) {
                filling.fill();
                filled = true;
            }
        }
    }

    /** Says what fills a file that is empty as yet. What does must not refer to {@code file} if that keeps it in use. */
    public static void add(Path file, Filling filling) {
        EMPTY.put(file.toString(), new Late(filling));
    }

    /** Forgets a file, which is to be deleted. */
    public static void remove(String file) {
        EMPTY.remove(file);
    }

    /** Fills a file that is empty as yet; does nothing with any other. */
    static void ready(Path file) throws IOException {
        if (EMPTY.isEmpty()) {
            return;
        }
        String name = file.toString();
        Late late = EMPTY.get(name);
        if (late != null) {
            late.fill();
            EMPTY.remove(name, late);
        }
    }
}
