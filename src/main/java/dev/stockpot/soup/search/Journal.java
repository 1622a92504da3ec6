package dev.stockpot.soup.search;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.text.Figures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What searches have found, as {@linkplain JournalLine JSON lines}. Each line says what it belongs to, so one file serves any
 * number of searches; it is on disk before its search goes on. A last line that a crash has cut off is dropped. Thread-safe.
 */
public final class Journal implements AutoCloseable {
    private static final String VERSION = "{\"stockpot_journal\":\"3\"";
    /** The first line of a journal, which is written together with the first entry. */
    private static final byte[] HEADER = header();
    /** What the journal of any version begins with. */
    private static final byte[] BEGINNING = Arrays.copyOf(HEADER, VERSION.indexOf(':'));

    /** A longer file would not fit into an array. */
    private static final int LONGEST = Integer.MAX_VALUE - 8;

    private static final int LONGEST_SHOWN = 200;
    /** How long to wait for another run to add its line to a shared journal. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path path;
    private final JournalDisk file;
    private final boolean shared;
    private final List<String> entries;

    private Journal(Path path, JournalDisk file, boolean shared, List<String> entries) {
        this.path = path;
        this.file = file;
        this.shared = shared;
        this.entries = List.copyOf(entries);
    }

    /** Writes an entry's fields. */
    public interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private static byte[] header() {
        try {
            return JournalLine.of(json -> json.writeStringField("stockpot_journal", "3"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Opens the journal in {@code file}, or creates it.
     *
     * @param notes receives a note if a crash has cut off its last line
     * @throws CheckpointException if it is none, is damaged or in use, or cannot be written
     */
    public static Journal open(JournalFile file, Consumer<String> notes) {
        if (file.path().isEmpty()) {
            return new Journal(null, null, false, List.of());
        }
        Path path = file.path().get();
        JournalDisk open = null;
        try {
            boolean isNew = !Files.exists(path, LinkOption.NOFOLLOW_LINKS);
            if (!isNew && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                throw refused(
                        path,
                        Files.isSymbolicLink(path)
                                ? "it is a link, which is not followed"
                                : "it is not a regular file");
            }
            Path folder = path.toAbsolutePath().getParent();
            if (isNew && file.shared()) {
                Files.createDirectories(folder);
            }
            open = new JournalDisk(path);
            // A run that has found nothing removes its journal: that may have been between the two.
            if (!open.lock(file.shared() ? PATIENCE : Duration.ZERO) || !Files.exists(path)) {
                throw inUse(path);
            }
            List<String> entries = entries(file, path, open, notes);
            if (isNew) {
                open.syncFolder(folder);
            }
            if (file.shared()) {
                open.unlock();
            }
            return new Journal(path, open, file.shared(), entries);
        } catch (IOException e) {
            close(open);
            throw new CheckpointException(
                    Reason.UNWRITABLE,
                    path,
                    "the journal cannot be used: " + e.getMessage(),
                    Details.of().cause(e));
        } catch (RuntimeException e) {
            close(open);
            throw e;
        }
    }

    /** Reads what is to be used, and cuts off what is not to be kept. */
    private static List<String> entries(JournalFile of, Path path, JournalDisk file, Consumer<String> notes)
            throws IOException {
        byte[] bytes = bytes(path, file);
        if (of.fresh() && !of.shared()) {
            file.cut(0);
            return List.of();
        }
        int end = lastLine(bytes);
        List<String> lines = wholeLines(path, bytes, end);
        if (end < bytes.length) {
            notes.accept(path + ": its last line, which an interruption cut off, is dropped");
        }
        file.cut(end);
        return of.fresh() || lines.isEmpty() ? List.of() : lines.subList(1, lines.size());
    }

    /** The bytes of a journal, or what a crash left of the first write to one. */
    private static byte[] bytes(Path path, JournalDisk file) throws IOException {
        byte[] first = file.first((int) Math.min(file.length(), BEGINNING.length));
        if (!begins(BEGINNING, first) || file.length() > LONGEST) {
            throw refused(path, "it does not begin as a journal does, so nothing in it is touched");
        }
        return file.first((int) file.length());
    }

    private static boolean begins(byte[] bytes, byte[] with) {
        return bytes.length >= with.length && Arrays.equals(bytes, 0, with.length, with, 0, with.length);
    }

    /** The end of the last whole line, in bytes. */
    private static int lastLine(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    /** The lines up to {@code length}, the header among them. */
    private static List<String> wholeLines(Path path, byte[] bytes, int length) {
        if (length > 0 && !begins(bytes, VERSION.getBytes(StandardCharsets.UTF_8))) {
            throw refused(path, "another version of Stockpot wrote it");
        }
        List<String> lines = new ArrayList<>();
        int from = 0;
        for (int end = 0; end < length; end++) {
            if (bytes[end] == '\n') {
                try {
                    lines.add(JournalLine.read(ByteBuffer.wrap(bytes, from, end - from)));
                } catch (IOException e) {
                    throw damaged(path, "line " + (lines.size() + 1) + " " + e.getMessage(), e);
                }
                from = end + 1;
            }
        }
        return lines;
    }

    private static CheckpointException inUse(Path path) {
        return new CheckpointException(
                Reason.JOURNAL_IN_USE, path, "the journal is in use: another run is writing the same output");
    }

    private static CheckpointException refused(Path path, String why) {
        return new CheckpointException(
                Reason.JOURNAL_OF_OTHER,
                path,
                "the journal cannot be used: " + why,
                Details.of().hint("discard it, or choose another output"));
    }

    /** For a line that is not an entry. */
    public CheckpointException damaged(String entry, Exception cause) {
        return damaged(path, "it has no entry but " + Figures.shortened(entry, LONGEST_SHOWN), cause);
    }

    private static CheckpointException damaged(Path path, String why, Exception cause) {
        return new CheckpointException(
                Reason.JOURNAL_DAMAGED,
                path,
                "the journal is damaged: " + why,
                Details.of().hint("discard it").cause(cause));
    }

    /** Its file, if there is one. */
    public Optional<Path> path() {
        return Optional.ofNullable(path);
    }

    /** Whether other runs may use it at the same time. */
    public boolean isShared() {
        return shared;
    }

    /** The entries of earlier runs, each a JSON object. */
    public List<String> entries() {
        return entries;
    }

    /** Adds an entry; it is on disk when this returns. */
    public synchronized void add(Fields fields) {
        if (file == null) {
            return;
        }
        try {
            byte[] line = JournalLine.of(fields);
            if (shared && !file.lock(PATIENCE)) {
                throw inUse(path);
            }
            try {
                append(line);
            } finally {
                if (shared) {
                    file.unlock();
                }
            }
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.UNWRITABLE,
                    path,
                    "the journal cannot be written: " + e.getMessage(),
                    Details.of().cause(e));
        }
    }

    private void append(byte[] line) throws IOException {
        long end = file.length();
        if (shared && end > 0 && file.last() != '\n') {
            // Another run was killed within its line.
            end = lastLine(file.first(Math.toIntExact(end)));
        }
        file.cut(end);
        try {
            file.add(end == 0 ? withHeader(line) : line);
        } catch (IOException e) {
            // So that what other threads may add still begins a line.
            file.cut(end);
            throw e;
        }
    }

    private static byte[] withHeader(byte[] line) {
        byte[] both = Arrays.copyOf(HEADER, HEADER.length + line.length);
        System.arraycopy(line, 0, both, HEADER.length, line.length);
        return both;
    }

    private static void close(JournalDisk file) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            // Everything that matters is on disk.
        }
    }

    /** Leaves no file if nothing was found. */
    @Override
    public void close() {
        try {
            if (file != null && !shared && file.length() == 0) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            // An empty journal stands in nobody's way.
        }
        close(file);
    }
}
