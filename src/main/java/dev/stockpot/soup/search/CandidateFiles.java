package dev.stockpot.soup.search;

import dev.stockpot.system.ScratchFolder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The files of candidates that are handed over as files, during one search. */
public final class CandidateFiles implements AutoCloseable {
    private final Optional<Path> parent;
    private final long bytes;
    private final AtomicInteger made = new AtomicInteger();
    private ScratchFolder folder;

    /**
     * Creates nothing yet: an evaluator in this process needs no files.
     *
     * @param parent the folder that they go to; empty for one in memory if there is room
     * @param bytes the size of all files that exist at one time
     */
    public CandidateFiles(Optional<Path> parent, long bytes) {
        this.parent = parent;
        this.bytes = bytes;
    }

    /** A path that is not in use yet. */
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
