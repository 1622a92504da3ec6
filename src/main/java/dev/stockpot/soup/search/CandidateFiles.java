package dev.stockpot.soup.search;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.write.CheckpointWriter;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.run.Concern;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.system.ScratchFolder;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** The files of candidates that are handed over as files, and what was warned of as they were mixed, during one search. */
public final class CandidateFiles implements AutoCloseable {
    /** How many warnings a search passes on. */
    private static final int MOST_WARNINGS = 10;

    private final CandidateOptions options;
    private final Optional<Path> parent;
    private final long bytes;
    private final AtomicInteger made = new AtomicInteger();
    private ScratchFolder folder;
    private ScratchFolder links;
    private final Set<String> warned = new HashSet<>();
    private Boolean canBeLike;

    /**
     * Creates nothing yet: an evaluator in this process needs no files, nor does a search whose scores are all known. What
     * killed runs have left there is removed all the same.
     *
     * @param options the folder that they go to, and their form
     * @param bytes the size of all files that exist at one time
     */
    public CandidateFiles(CandidateOptions options, long bytes) {
        this.options = options;
        this.parent = options.scratch();
        this.bytes = bytes;
        ScratchFolder.sweep(parent);
    }

    /**
     * {@code engine} as it mixes candidates: it warns of values that are not finite, of each once, and goes on, as it is for the
     * evaluator to score them. Nothing else is passed on: mixing follows what the user waits for.
     */
    public Engine mixing(Engine engine) {
        RunListener listener = engine.listener();
        return engine.allowing(Concern.NON_FINITE).with(new RunListener() {
            @Override
            public void warning(String message) {
                synchronized (warned) {
                    if (warned.size() < MOST_WARNINGS && warned.add(message)) {
                        listener.warning(message);
                    }
                }
            }
        });
    }

    /** How candidates are made. */
    CandidateOptions options() {
        return options;
    }

    /** Whether files can have the structure of an ingredient; looked at once, for the first that is handed over. */
    synchronized boolean canBeLike(Checkpoint ingredient, String ending, WriteOptions like) {
        if (canBeLike == null) {
            try {
                new CheckpointWriter(links().resolve("candidate" + ending), like, false, List.of(ingredient));
                canBeLike = true;
            } catch (CheckpointException e) {
                canBeLike = false;
            }
        }
        return canBeLike;
    }

    /** A path that is not in use yet. */
    public synchronized Path fresh(String ending) {
        if (folder == null) {
            folder = ScratchFolder.open(parent, bytes);
        }
        return folder.resolve("candidate-" + made.incrementAndGet() + ending);
    }

    /**
     * A link to a file, or a folder of links to what is in a folder, as an evaluator gets an ingredient: what it deletes or
     * replaces there is not the ingredient. Symbolic links, as ingredients are mostly on another file system.
     *
     * @throws IOException if the scratch folder's file system has no links
     */
    synchronized Path linked(Path ingredient, String ending) throws IOException {
        Path path = links().resolve("candidate-" + made.incrementAndGet() + ending);
        try {
            Path original = ingredient.toAbsolutePath();
            if (!Files.isDirectory(original)) {
                return Files.createSymbolicLink(path, original);
            }
            Files.createDirectory(path);
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(original)) {
                for (Path entry : entries) {
                    Files.createSymbolicLink(path.resolve(entry.getFileName()), entry);
                }
            }
            return path;
        } catch (UnsupportedOperationException e) {
            throw new IOException(e);
        }
    }

    private ScratchFolder links() {
        if (links == null) {
            // Of its own: links need no room, which a folder for candidates may have to find elsewhere.
            links = ScratchFolder.open(parent, 0);
        }
        return links;
    }

    /** Removes what was written at a path of {@link #fresh}. */
    synchronized void remove(Path path) {
        folder.remove(path);
    }

    /** Removes what {@link #linked} has made. */
    synchronized void unlink(Path path) {
        links.remove(path);
    }

    @Override
    public synchronized void close() {
        try {
            if (links != null) {
                links.close();
            }
        } finally {
            if (folder != null) {
                folder.close();
            }
        }
    }
}
