package dev.stockpot.checkpoint.zip;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * What the end of a zip archive says (PKWARE APPNOTE 4.3.14 to 4.3.16).
 *
 * @param directory where its directory begins in the file
 * @param directoryBytes the directory's length
 * @param entries how many entries it has
 * @param comment what is after its end
 */
record ZipEnd(long directory, long directoryBytes, long entries, byte[] comment) {
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int LOCATOR_SIGNATURE = 0x07064b50;
    private static final int LOCATOR_BYTES = 20;
    private static final int END64_SIGNATURE = 0x06064b50;
    private static final int END64_BYTES = 56;
    private static final int LONGEST_COMMENT = 0xFFFF;
    private static final int SHORTEST_ENTRY = 46;

    /**
     * Finds the end of an archive.
     *
     * @throws CheckpointException if there is none: the file is truncated
     */
    static ZipEnd find(Path file, RandomFile channel) throws IOException {
        long size = channel.size();
        int looked = (int) Math.min(size, END_BYTES + LONGEST_COMMENT);
        ByteBuffer tail = read(channel, size - looked, looked);
        for (int at = looked - END_BYTES; at >= 0; at--) {
            boolean ends =
                    tail.getInt(at) == END_SIGNATURE && at + END_BYTES + (tail.getShort(at + 20) & 0xFFFF) == looked;
            if (ends) {
                return checked(
                        file, channel, tail.slice(at, looked - at).order(ByteOrder.LITTLE_ENDIAN), size - looked + at);
            }
        }
        throw new CheckpointException(
                Reason.DAMAGED,
                file,
                "begins like a zip archive but has no zip directory at its end: it is truncated, or not a checkpoint",
                Details.of().hint("an interrupted download or a full disk leaves these: fetch it again"));
    }

    private static ZipEnd checked(Path file, RandomFile channel, ByteBuffer end, long place) throws IOException {
        long entries = end.getShort(10) & 0xFFFF;
        long bytes = end.getInt(12) & 0xFFFFFFFFL;
        long directory = end.getInt(16) & 0xFFFFFFFFL;
        boolean oneDisk = end.getShort(4) == end.getShort(6) && end.getShort(8) == end.getShort(10);
        byte[] comment = new byte[end.capacity() - END_BYTES];
        end.get(END_BYTES, comment);
        ZipEnd found = new ZipEnd(directory, bytes, entries, comment);
        long before = place;
        if (place >= LOCATOR_BYTES) {
            ByteBuffer locator = read(channel, place - LOCATOR_BYTES, LOCATOR_BYTES);
            if (locator.getInt(0) == LOCATOR_SIGNATURE) {
                before = locator.getLong(8);
                found = wide(file, channel, before, place - LOCATOR_BYTES, comment);
                boolean agrees = agrees(entries, 0xFFFF, found.entries())
                        && agrees(bytes, 0xFFFFFFFFL, found.directoryBytes())
                        && agrees(directory, 0xFFFFFFFFL, found.directory());
                if (!agrees) {
                    throw wrong(file, "has two ends that do not agree");
                }
            }
        }
        if (!oneDisk) {
            throw wrong(file, "spans several disks");
        }
        boolean inFile = found.directory() >= 0
                && found.directoryBytes() >= 0
                && found.directory() <= before
                && found.directoryBytes() <= before - found.directory();
        if (!inFile) {
            throw wrong(file, "is outside the file, which is truncated or damaged");
        }
        if (found.entries() < 0 || found.entries() > found.directoryBytes() / SHORTEST_ENTRY) {
            throw wrong(file, "claims " + found.entries() + " entries, more than fit");
        }
        return found;
    }

    private static ZipEnd wide(Path file, RandomFile channel, long place, long limit, byte[] comment)
            throws IOException {
        if (place < 0 || place > limit - END64_BYTES) {
            throw wrong(file, "has a 64-bit end outside the file");
        }
        ByteBuffer end = read(channel, place, END64_BYTES);
        if (end.getInt(0) != END64_SIGNATURE || end.getLong(24) != end.getLong(32)) {
            throw wrong(file, "has an invalid 64-bit end");
        }
        return new ZipEnd(end.getLong(48), end.getLong(40), end.getLong(32), comment);
    }

    private static boolean agrees(long narrow, long saturated, long wide) {
        return narrow == saturated || narrow == wide;
    }

    private static CheckpointException wrong(Path file, String what) {
        return new CheckpointException(Reason.DAMAGED, file, "its zip directory " + what);
    }

    private static ByteBuffer read(RandomFile channel, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw new EOFException("it shrank");
            }
        }
        return bytes;
    }
}
