package dev.stockpot.checkpoint.zip;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes zip archives for tests, also invalid ones: every field of an entry can contradict its values. */
public final class ZipWriter {
    private final List<Entry> entries = new ArrayList<>();

    /**
     * An entry as its headers describe it.
     *
     * @param header where its local header is said to begin; -1 for where it does begin
     */
    public record Entry(
            String name, byte[] stored, int method, int flags, int crc32, long compressed, long bytes, long header) {
        public Entry named(String other) {
            return new Entry(other, stored, method, flags, crc32, compressed, bytes, header);
        }

        Entry flagged(int other) {
            return new Entry(name, stored, method, other, crc32, compressed, bytes, header);
        }

        Entry withMethod(int other) {
            return new Entry(name, stored, other, flags, crc32, compressed, bytes, header);
        }

        public Entry sized(long otherCompressed, long otherBytes) {
            return new Entry(name, stored, method, flags, crc32, otherCompressed, otherBytes, header);
        }

        Entry at(long other) {
            return new Entry(name, stored, method, flags, crc32, compressed, bytes, other);
        }

        Entry summed(int other) {
            return new Entry(name, stored, method, flags, other, compressed, bytes, header);
        }
    }

    public ZipWriter add(String name, byte[] values) {
        return add(name, values, e -> e);
    }

    public ZipWriter add(String name, byte[] values, UnaryOperator<Entry> change) {
        entries.add(change.apply(new Entry(name, values, 0, 0, sum(values), values.length, values.length, -1)));
        return this;
    }

    public ZipWriter deflated(String name, byte[] values, UnaryOperator<Entry> change) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(values);
        deflater.finish();
        byte[] packed = new byte[values.length + 100];
        int length = deflater.deflate(packed);
        deflater.end();
        byte[] stored = java.util.Arrays.copyOf(packed, length);
        entries.add(change.apply(new Entry(name, stored, 8, 0, sum(values), length, values.length, -1)));
        return this;
    }

    private static int sum(byte[] values) {
        CRC32 sum = new CRC32();
        sum.update(values);
        return (int) sum.getValue();
    }

    /** The archive. */
    public byte[] toBytes() {
        return bytes(false);
    }

    /** The archive; {@code wide} puts sizes and offsets in 64-bit fields. */
    byte[] bytes(boolean wide) {
        ByteBuffer out = ByteBuffer.allocate(entries.stream()
                        .mapToInt(e -> e.stored().length + 4 * e.name().length() + 200)
                        .sum()
                + 200);
        out.order(ByteOrder.LITTLE_ENDIAN);
        List<Entry> placed = new ArrayList<>();
        for (Entry entry : entries) {
            byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
            placed.add(entry.header() < 0 ? entry.at(out.position()) : entry);
            out.putInt(0x04034b50).putShort((short) 20).putShort((short) entry.flags());
            out.putShort((short) entry.method()).putInt(0).putInt(entry.crc32());
            out.putInt(wide ? -1 : (int) entry.compressed()).putInt(wide ? -1 : (int) entry.bytes());
            out.putShort((short) name.length).putShort((short) (wide ? 20 : 0)).put(name);
            if (wide) {
                out.putShort((short) 1)
                        .putShort((short) 16)
                        .putLong(entry.bytes())
                        .putLong(entry.compressed());
            }
            out.put(entry.stored());
        }
        int directory = out.position();
        for (Entry entry : placed) {
            byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
            out.putInt(0x02014b50).putShort((short) 45).putShort((short) 45).putShort((short) entry.flags());
            out.putShort((short) entry.method()).putInt(0).putInt(entry.crc32());
            out.putInt(wide ? -1 : (int) entry.compressed()).putInt(wide ? -1 : (int) entry.bytes());
            out.putShort((short) name.length).putShort((short) (wide ? 28 : 0)).putShort((short) 0);
            out.putShort((short) 0).putShort((short) 0).putInt(0);
            out.putInt(wide ? -1 : (int) entry.header()).put(name);
            if (wide) {
                out.putShort((short) 1).putShort((short) 24);
                out.putLong(entry.bytes()).putLong(entry.compressed()).putLong(entry.header());
            }
        }
        int bytes = out.position() - directory;
        if (wide) {
            long end = out.position();
            out.putInt(0x06064b50).putLong(44).putShort((short) 45).putShort((short) 45);
            out.putInt(0).putInt(0).putLong(entries.size()).putLong(entries.size());
            out.putLong(bytes).putLong(directory);
            out.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
        }
        out.putInt(0x06054b50).putInt(0);
        out.putShort((short) (wide ? -1 : entries.size())).putShort((short) (wide ? -1 : entries.size()));
        out.putInt(wide ? -1 : bytes).putInt(wide ? -1 : directory).putShort((short) 0);
        return java.util.Arrays.copyOf(out.array(), out.position());
    }

    public Path write(Path file) throws IOException {
        return Files.write(file, bytes(false));
    }
}
