package dev.stockpot.checkpoint.zip;

import dev.stockpot.checkpoint.file.FileSlice;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.Printable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.ZipException;

/** The uncompressed bytes of an entry: from its start, or copied whole to another file. */
public final class EntryBytes {
    /** Deflate shrinks nothing by more than this factor. */
    private static final int MAX_RATIO = 1032;

    private static final int BLOCK = 1 << 18;

    private EntryBytes() {}

    /**
     * Checks that an entry can be read, without doing so.
     *
     * @throws CheckpointException if it is neither stored nor deflated, or claims more than deflate can hold
     */
    public static void check(Path file, ZipEntry entry) {
        if (entry.method() == ZipEntry.STORED) {
            return;
        }
        if (entry.method() != ZipEntry.DEFLATED) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    file,
                    "its entry " + Printable.name(entry.name()) + " is compressed by the unknown method "
                            + entry.method());
        }
        if (entry.bytes() / MAX_RATIO > entry.compressed()) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "its entry " + Printable.name(entry.name()) + " claims " + entry.bytes() + " bytes in "
                            + entry.compressed() + " compressed ones, more than they can hold");
        }
    }

    /**
     * The bytes of an entry that passed {@link #check}.
     *
     * @param offset where they begin in the file
     */
    public static InputStream open(RandomFile channel, ZipEntry entry, long offset) {
        return entry.method() == ZipEntry.STORED
                ? new FileSlice(channel, offset, entry.compressed())
                : new InflatedEntry(channel, entry, offset);
    }

    /**
     * Copies a deflated entry.
     *
     * @param file for errors
     * @param from where its compressed bytes begin in the file
     * @param at where its uncompressed bytes go
     * @throws CheckpointException if it is damaged
     */
    public static void inflate(Path file, RandomFile channel, ZipEntry entry, long from, RandomFile into, long at)
            throws IOException {
        byte[] block = new byte[BLOCK];
        long next = at;
        try (InputStream in = new InflatedEntry(channel, entry, from)) {
            for (int count = in.read(block, 0, BLOCK); count >= 0; count = in.read(block, 0, BLOCK)) {
                into.write(ByteBuffer.wrap(block, 0, count), next);
                next += count;
            }
        } catch (ZipException | EOFException e) {
            throw invalid(file, entry, e);
        }
    }

    /** The exception for an entry whose compressed bytes are no such. */
    public static CheckpointException invalid(Path file, ZipEntry entry, IOException cause) {
        return new CheckpointException(
                Reason.DAMAGED,
                file,
                "its entry " + Printable.name(entry.name()) + " has invalid compressed data: " + cause.getMessage(),
                Details.of().cause(cause));
    }
}
