package dev.stockpot.soup.search;

import dev.stockpot.system.ScratchFolder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Where candidates lie that are handed over as files, during one search. */
public final class CandidateFiles implements AutoCloseable {
    private final Optional<Path> parent;
    private final long bytes;
    private final AtomicInteger made = new AtomicInteger();
    private ScratchFolder folder;

    /**
     * Makes nothing yet: an evaluator in this process asks for no file.
     *
     * @param parent the folder that they go to; empty for one in memory if there is room
     * @param bytes what all that are there at one time take
     */
    public CandidateFiles(Optional<Path> parent, long bytes) {
        this.parent = parent;
        this.bytes = bytes;
    }

    /** A path that nothing has yet. */
    public synchronized Path fresh(String ending) {
        if (folder == null) {
            folder = ScratchFolder.open(parent, bytes);
        }
        return folder.resolve("candidate-" + made.incrementAndGet() + ending);
    }

    synchronized void remove(Path path) {
        folder.remove(path);
    }

    @Override
    public synchronized void close() {
        if (folder != null) {
            folder.close();
        }
    }
}
