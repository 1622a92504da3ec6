package dev.stockpot.checkpoint.zip;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * An entry of a zip archive, stored as it is, and its two headers (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.5.3). Its
 * bytes begin at a multiple of 64: an extra field "FB" pads the local header, as PyTorch's own writer does, so that a
 * reader can map the values in place.
 *
 * @param name of the entry; beyond ASCII, in UTF-8
 * @param header offset of the local header
 * @param size of the entry in bytes
 */
public record StoredEntry(String name, long header, long size) {
    /** APPNOTE's 0xFFFFFFFF: the value is in the zip64 extra field. */
    static final long IN_ZIP64 = 0xFFFF_FFFFL;

    /** The version of the format that introduced zip64 (APPNOTE 4.4.3). */
    static final int ZIP64_VERSION = 45;

    private static final int PLAIN_VERSION = 10;
    private static final int ALIGNMENT = 64;
    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL_BYTES = 46;
    private static final int FIELD_BYTES = 4;
    private static final int SIZES_BYTES = 16;

    /** 1 January 1980, the first day that the format can express: these archives hold no times. */
    private static final int DATE = 1 << 5 | 1;

    /** Offset of the entry's own bytes. */
    public long data() {
        long start = header + LOCAL_BYTES + nameBytes() + (largeSize() ? FIELD_BYTES + SIZES_BYTES : 0) + FIELD_BYTES;
        return Math.addExact(start, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** The offset after its last byte. */
    long end() {
        return Math.addExact(data(), size);
    }

    /** The header before its bytes, up to {@link #data}. */
    public byte[] localHeader(int crc32) {
        ByteBuffer out = allocate(Math.toIntExact(data() - header));
        out.putInt(0x04034B50);
        common(out, crc32);
        int extra = out.remaining() - Short.BYTES - nameBytes();
        out.putShort((short) extra);
        out.put(name.getBytes(StandardCharsets.UTF_8));
        if (largeSize()) {
            out.putShort((short) 1).putShort((short) SIZES_BYTES).putLong(size).putLong(size);
        }
        out.put((byte) 'F').put((byte) 'B').putShort((short) (out.remaining() - Short.BYTES));
        while (out.hasRemaining()) {
            out.put((byte) 'Z');
        }
        return out.array();
    }

    /** Its header in the central directory. */
    byte[] centralHeader(int crc32) {
        int values = (largeSize() ? SIZES_BYTES : 0) + (largeOffset() ? Long.BYTES : 0);
        int extra = values == 0 ? 0 : FIELD_BYTES + values;
        ByteBuffer out = allocate(CENTRAL_BYTES + nameBytes() + extra);
        out.putInt(0x02014B50);
        out.putShort((short) version());
        common(out, crc32);
        out.putShort((short) extra);
        // No comment, on no other disk, no attributes.
        out.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0);
        out.putInt((int) Math.min(header, IN_ZIP64));
        out.put(name.getBytes(StandardCharsets.UTF_8));
        if (values != 0) {
            out.putShort((short) 1).putShort((short) values);
            if (largeSize()) {
                out.putLong(size).putLong(size);
            }
            if (largeOffset()) {
                out.putLong(header);
            }
        }
        return out.array();
    }

    /** What both headers hold: version, flags, method "stored", time, date, checksum, both sizes, the name's length. */
    private void common(ByteBuffer out, int crc32) {
        int stated = (int) Math.min(size, IN_ZIP64);
        out.putShort((short) version()).putShort((short) flags()).putShort((short) 0);
        out.putShort((short) 0).putShort((short) DATE);
        out.putInt(crc32).putInt(stated).putInt(stated);
        out.putShort((short) nameBytes());
    }

    private int nameBytes() {
        return name.getBytes(StandardCharsets.UTF_8).length;
    }

    /** That the name is in UTF-8 (APPNOTE 4.4.4, bit 11), where that makes a difference. */
    private int flags() {
        return nameBytes() == name.length() ? 0 : 1 << 11;
    }

    private int version() {
        return largeSize() || largeOffset() ? ZIP64_VERSION : PLAIN_VERSION;
    }

    private boolean largeSize() {
        return size >= IN_ZIP64;
    }

    private boolean largeOffset() {
        return header >= IN_ZIP64;
    }

    private static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
