package dev.stockpot.soup.search;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.text.Figures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The results of a search, as {@linkplain JournalLine JSON lines}: the first line says what they belong to, each other line
 * is one entry, on disk before the search goes on. A last line that a crash has cut off is dropped. Thread-safe.
 */
public final class Journal implements AutoCloseable {
    private static final String VERSION_KEY = "stockpot_journal";
    private static final String VERSION = "2";
    /** What every journal begins with, from its very first write on. */
    private static final byte[] BEGINNING = bytes("{\"" + VERSION_KEY + "\"");
    /** A journal of the first version, whose lines have no checksums. */
    private static final byte[] UNCHECKED = bytes("{\"" + VERSION_KEY + "\":\"1\"");

    /** A longer file would not fit into an array. */
    private static final int LONGEST = Integer.MAX_VALUE - 8;

    private static final int LONGEST_SHOWN = 200;

    private final Path path;
    private final JournalDisk file;
    private final List<String> entries;

    private Journal(Path path, JournalDisk file, List<String> entries) {
        this.path = path;
        this.file = file;
        this.entries = entries;
    }

    /** Writes an entry's fields. */
    public interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    /**
     * Opens the journal in {@code file}, or creates it.
     *
     * @param belongsTo what its entries are valid for, by name
     * @throws CheckpointException if it belongs to something else, is in use, or cannot be written
     */
    public static Journal open(JournalFile file, Map<String, String> belongsTo) {
        if (file.path().isEmpty()) {
            return new Journal(null, null, List.of());
        }
        Map<String, String> header = new LinkedHashMap<>();
        header.put(VERSION_KEY, VERSION);
        header.putAll(belongsTo);
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
            open = new JournalDisk(path);
            if (!open.lock()) {
                throw new CheckpointException(
                        Reason.JOURNAL_IN_USE, path, "the journal is in use: another run is writing the same output");
            }
            byte[] bytes = bytes(path, open);
            List<String> lines = file.fresh() ? List.of() : wholeLines(path, bytes);
            if (!lines.isEmpty()) {
                checkBelongs(path, lines.get(0), header);
            }
            long kept = lines.isEmpty() ? 0 : lastLine(bytes);
            open.cut(kept);
            Journal journal = new Journal(path, open, lines.isEmpty() ? lines : lines.subList(1, lines.size()));
            if (lines.isEmpty()) {
                journal.add(json -> {
                    for (Map.Entry<String, String> entry : header.entrySet()) {
                        json.writeStringField(entry.getKey(), entry.getValue());
                    }
                });
            }
            if (isNew) {
                open.syncFolder(path.toAbsolutePath().getParent());
            }
            return journal;
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

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The end of the last whole line, in bytes. */
    private static int lastLine(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    private static List<String> wholeLines(Path path, byte[] bytes) {
        if (begins(bytes, UNCHECKED)) {
            throw refused(path, "an earlier version of Stockpot wrote it, without checksums");
        }
        List<String> lines = new ArrayList<>();
        int from = 0;
        for (int end = 0; end < bytes.length; end++) {
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

    private static void checkBelongs(Path path, String line, Map<String, String> header) throws IOException {
        Map<String, String> found = new LinkedHashMap<>();
        try (JsonParser json = JournalLine.JSON.createParser(line)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                found.put(name, json.getText());
            }
        } catch (IOException e) {
            throw refused(path, "its first line is not the first line of a journal");
        }
        for (Map.Entry<String, String> entry : header.entrySet()) {
            String was = found.remove(entry.getKey());
            if (!entry.getValue().equals(was)) {
                throw refused(
                        path,
                        was == null
                                ? "it has no " + entry.getKey() + " " + entry.getValue()
                                : "its " + entry.getKey() + " was " + was + " but now is " + entry.getValue());
            }
        }
        if (!found.isEmpty()) {
            Map.Entry<String, String> extra = found.entrySet().iterator().next();
            throw refused(path, "it has the " + extra.getKey() + " " + extra.getValue() + " as well");
        }
    }

    private static CheckpointException refused(Path path, String why) {
        return new CheckpointException(
                Reason.JOURNAL_OF_OTHER,
                path,
                "the journal belongs to another run: " + why,
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
            file.add(JournalLine.of(fields));
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.UNWRITABLE,
                    path,
                    "the journal cannot be written: " + e.getMessage(),
                    Details.of().cause(e));
        }
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

    @Override
    public void close() {
        close(file);
    }
}
