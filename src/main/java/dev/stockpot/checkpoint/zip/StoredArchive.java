package dev.stockpot.checkpoint.zip;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A zip archive of stored entries, one after another, with its central directory at the end (PKWARE APPNOTE 6.3). */
public final class StoredArchive {
    private static final int LARGEST_COUNT = 0xFFFF;
    private static final int END_BYTES = 22;
    private static final int ZIP64_END_BYTES = 56;
    private static final int ZIP64_LOCATOR_BYTES = 20;

    private final List<StoredEntry> entries = new ArrayList<>();
    private final byte[] comment;
    private long directoryBytes;

    /** An archive without a comment. */
    public StoredArchive() {
        this(new byte[0]);
    }

    /** An archive with a comment of at most 65,535 bytes after its end. */
    public StoredArchive(byte[] comment) {
        this.comment = comment;
    }

    /** Adds an entry after the last. */
    public StoredEntry add(String name, long size) {
        StoredEntry entry = new StoredEntry(name, end(), size);
        entries.add(entry);
        directoryBytes += entry.centralHeader(0).length;
        return entry;
    }

    /** The entry that was added as number {@code k}, counted from 0. */
    public StoredEntry entry(int k) {
        return entries.get(k);
    }

    /** The offset after the last entry, where the next one or the central directory begins. */
    public long end() {
        return entries.isEmpty() ? 0 : entries.get(entries.size() - 1).end();
    }

    /** Length of the whole archive. */
    public long bytes() {
        return end()
                + directoryBytes
                + (zip64() ? ZIP64_END_BYTES + ZIP64_LOCATOR_BYTES : 0)
                + END_BYTES
                + comment.length;
    }

    /**
     * The central directory and the records that end the archive, to be written at {@link #end}.
     *
     * @param crc32 of every entry, in the order in which they were added
     */
    public ByteBuffer directory(int[] crc32) {
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(bytes() - end())).order(ByteOrder.LITTLE_ENDIAN);
        for (int k = 0; k < entries.size(); k++) {
            out.put(entries.get(k).centralHeader(crc32[k]));
        }
        if (zip64()) {
            zip64End(out);
        }
        int count = Math.min(entries.size(), LARGEST_COUNT);
        out.putInt(0x06054B50).putShort((short) 0).putShort((short) 0);
        out.putShort((short) count).putShort((short) count);
        out.putInt((int) Math.min(directoryBytes, StoredEntry.IN_ZIP64));
        out.putInt((int) Math.min(end(), StoredEntry.IN_ZIP64));
        out.putShort((short) comment.length).put(comment);
        return out.flip();
    }

    /** The zip64 end record and, after it, the one that says where it is (APPNOTE 4.3.14 and 4.3.15). */
    private void zip64End(ByteBuffer out) {
        out.putInt(0x06064B50).putLong(ZIP64_END_BYTES - Integer.BYTES - Long.BYTES);
        out.putShort((short) StoredEntry.ZIP64_VERSION).putShort((short) StoredEntry.ZIP64_VERSION);
        out.putInt(0).putInt(0);
        out.putLong(entries.size()).putLong(entries.size());
        out.putLong(directoryBytes).putLong(end());
        out.putInt(0x07064B50).putInt(0).putLong(end() + directoryBytes).putInt(1);
    }

    private boolean zip64() {
        return entries.size() >= LARGEST_COUNT
                || directoryBytes >= StoredEntry.IN_ZIP64
                || end() >= StoredEntry.IN_ZIP64;
    }
}
