package dev.stockpot.checkpoint.zip;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.Printable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The directory of a zip archive (PKWARE APPNOTE 4.3 to 4.5), with the 64-bit fields of archives beyond 4 GB or 65,535
 * entries. Stricter than an unpacker: entries may not overlap, names may neither repeat nor lead out of the archive, and
 * everything must be inside the file.
 */
public final class ZipDirectory {
    private static final int LOCAL_SIGNATURE = 0x04034b50;
    private static final int ENTRY_SIGNATURE = 0x02014b50;
    private static final int LOCAL_BYTES = 30;
    private static final int ENTRY_BYTES = 46;
    private static final int ENCRYPTED_FLAGS = 1 | 1 << 6 | 1 << 13;
    private static final int DESCRIPTOR_FLAG = 1 << 3;
    private static final long SATURATED = 0xFFFFFFFFL;
    /** The directory is read in pieces of this many bytes, more than its longest entry. */
    private static final int WINDOW = 1 << 18;

    private final Path file;
    private final RandomFile channel;
    private final Map<String, ZipEntry> entries;
    private final byte[] comment;

    private ZipDirectory(Path file, RandomFile channel, Map<String, ZipEntry> entries, byte[] comment) {
        this.comment = comment;
        this.file = file;
        this.channel = channel;
        this.entries = entries;
    }

    /**
     * Reads the directory of {@code file}, open as {@code channel}.
     *
     * @throws CheckpointException if it is damaged, or the archive is encrypted
     */
    public static ZipDirectory read(Path file, RandomFile channel) throws IOException {
        ZipEnd end = ZipEnd.find(file, channel);
        List<ZipEntry> found = new ArrayList<>();
        ByteBuffer window = ByteBuffer.allocate((int) Math.min(WINDOW, end.directoryBytes()));
        window.limit(0).order(ByteOrder.LITTLE_ENDIAN);
        long next = end.directory();
        long stop = end.directory() + end.directoryBytes();
        for (long k = 0; k < end.entries(); k++) {
            long left = stop - next + window.remaining();
            if (left < ENTRY_BYTES) {
                throw damaged(file, "ends within its entry " + k);
            }
            if (window.remaining() < Math.min(left, ENTRY_BYTES + 3 * 0xFFFFL)) {
                window.compact().limit((int) Math.min(window.capacity(), left));
                int before = window.position();
                fill(channel, window, next);
                next += window.position() - before;
                window.flip();
            }
            found.add(entry(file, window, end.directory()));
        }
        return new ZipDirectory(file, channel, checked(file, found, end.directory()), end.comment());
    }

    private static CheckpointException damaged(Path file, String what) {
        return new CheckpointException(Reason.DAMAGED, file, "its zip directory " + what + ": it is damaged");
    }

    private static void fill(RandomFile channel, ByteBuffer into, long offset) throws IOException {
        long at = offset;
        while (into.hasRemaining()) {
            int count = channel.read(into, at);
            if (count < 0) {
                throw new EOFException("it ends within its zip directory");
            }
            at += count;
        }
    }

    private static ZipEntry entry(Path file, ByteBuffer in, long directory) {
        int start = in.position();
        int flags = in.getShort(start + 8);
        int nameBytes = in.getShort(start + 28) & 0xFFFF;
        int extraBytes = in.getShort(start + 30) & 0xFFFF;
        int commentBytes = in.getShort(start + 32) & 0xFFFF;
        if (in.getInt(start) != ENTRY_SIGNATURE
                || ENTRY_BYTES + nameBytes + extraBytes + commentBytes > in.remaining()) {
            throw damaged(file, "has an invalid entry");
        }
        byte[] bytes = new byte[nameBytes];
        in.get(start + ENTRY_BYTES, bytes);
        String name = new String(bytes, StandardCharsets.UTF_8);
        if ((flags & ENCRYPTED_FLAGS) != 0) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    file,
                    "is an encrypted zip archive",
                    Details.of().hint("decrypt it first"));
        }
        if (!isInside(name)) {
            throw damaged(file, "names '" + Printable.name(name) + "', which leads out of the archive");
        }
        long compressed = in.getInt(start + 20) & SATURATED;
        long size = in.getInt(start + 24) & SATURATED;
        int disk = in.getShort(start + 34) & 0xFFFF;
        long header = in.getInt(start + 42) & SATURATED;
        ByteBuffer wide = extra64(in, start + ENTRY_BYTES + nameBytes, extraBytes);
        if (size == SATURATED && wide.remaining() >= 8) {
            size = wide.getLong();
        }
        if (compressed == SATURATED && wide.remaining() >= 8) {
            compressed = wide.getLong();
        }
        if (header == SATURATED && wide.remaining() >= 8) {
            header = wide.getLong();
        }
        int method = in.getShort(start + 10) & 0xFFFF;
        boolean inFile = size >= 0 && compressed >= 0 && header >= 0 && header <= directory - LOCAL_BYTES;
        if (!inFile || compressed > directory - LOCAL_BYTES - header) {
            throw damaged(file, "puts " + Printable.name(name) + " outside the file");
        }
        if (method == ZipEntry.STORED && compressed != size) {
            throw damaged(file, "gives " + Printable.name(name) + " two sizes, " + compressed + " and " + size);
        }
        if (disk != 0 && disk != 0xFFFF) {
            throw damaged(file, "puts " + Printable.name(name) + " on another disk");
        }
        int crc32 = in.getInt(start + 16);
        in.position(start + ENTRY_BYTES + nameBytes + extraBytes + commentBytes);
        return new ZipEntry(name, method, (flags & DESCRIPTOR_FLAG) != 0, compressed, size, crc32, header, 0);
    }

    /** The 64-bit fields among an entry's extra ones; empty if there are none. */
    private static ByteBuffer extra64(ByteBuffer in, int from, int length) {
        int at = from;
        while (at + 4 <= from + length) {
            int id = in.getShort(at) & 0xFFFF;
            int bytes = in.getShort(at + 2) & 0xFFFF;
            if (id == 1 && at + 4 + bytes <= from + length) {
                return in.slice(at + 4, bytes).order(ByteOrder.LITTLE_ENDIAN);
            }
            at += 4 + bytes;
        }
        return ByteBuffer.allocate(0);
    }

    private static boolean isInside(String name) {
        if (name.isEmpty() || name.indexOf('\0') >= 0 || name.startsWith("/") || name.startsWith("\\")) {
            return false;
        }
        if (name.length() > 1 && name.charAt(1) == ':') {
            return false;
        }
        for (String part : name.split("[/\\\\]", -1)) {
            if (part.equals("..")) {
                return false;
            }
        }
        return true;
    }

    private static Map<String, ZipEntry> checked(Path file, List<ZipEntry> found, long directory) {
        found.sort(Comparator.comparingLong(ZipEntry::header));
        Map<String, ZipEntry> entries = new LinkedHashMap<>(found.size() * 4 / 3 + 1);
        for (int k = 0; k < found.size(); k++) {
            ZipEntry entry = found.get(k);
            long end = k + 1 < found.size() ? found.get(k + 1).header() : directory;
            if (entry.compressed() > end - entry.header() - LOCAL_BYTES) {
                throw damaged(file, "lets " + Printable.name(entry.name()) + " and the entry after it overlap");
            }
            if (entries.put(entry.name(), entry.endingAt(end)) != null) {
                throw damaged(file, "names " + Printable.name(entry.name()) + " twice");
            }
        }
        return entries;
    }

    /** All entries by name, in file order. */
    public Map<String, ZipEntry> entries() {
        return entries;
    }

    /** The archive's comment. */
    public byte[] comment() {
        return comment;
    }

    /**
     * Where the bytes of an entry begin in the file, after its local header, with which the directory must agree.
     *
     * @throws CheckpointException if it does not, or the entry overlaps the next one
     */
    public long dataOffset(ZipEntry entry) throws IOException {
        byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
        ByteBuffer local = ByteBuffer.allocate(LOCAL_BYTES + name.length).order(ByteOrder.LITTLE_ENDIAN);
        fill(channel, local, entry.header());
        int extraBytes = local.getShort(28) & 0xFFFF;
        byte[] localName = new byte[name.length];
        local.get(LOCAL_BYTES, localName);
        boolean same = local.getInt(0) == LOCAL_SIGNATURE
                && (local.getShort(8) & 0xFFFF) == entry.method()
                && (local.getShort(26) & 0xFFFF) == name.length
                && java.util.Arrays.equals(name, localName)
                && agrees(local.getInt(18) & SATURATED, entry.compressed(), entry.described())
                && agrees(local.getInt(22) & SATURATED, entry.bytes(), entry.described());
        if (!same) {
            throw damaged(file, "and the header of " + Printable.name(entry.name()) + " do not agree");
        }
        long data = entry.header() + LOCAL_BYTES + name.length + extraBytes;
        if (data > entry.end() || entry.compressed() > entry.end() - data) {
            throw damaged(file, "lets " + Printable.name(entry.name()) + " and the entry after it overlap");
        }
        return data;
    }

    private static boolean agrees(long local, long central, boolean described) {
        return local == central || local == SATURATED || (described && local == 0);
    }
}
