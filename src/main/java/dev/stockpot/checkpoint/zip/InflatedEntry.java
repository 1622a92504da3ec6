package dev.stockpot.checkpoint.zip;

import dev.stockpot.checkpoint.file.FileSlice;
import dev.stockpot.checkpoint.file.RandomFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/** A deflated entry's bytes, which must be as many as its directory says and have the checksum that it says. */
public final class InflatedEntry extends InflaterInputStream {
    private static final int BLOCK = 1 << 16;

    private final ZipEntry entry;
    private final CRC32 sum = new CRC32();
    private long done;

    /** The entry whose compressed bytes begin at {@code offset}. */
    public InflatedEntry(RandomFile channel, ZipEntry entry, long offset) {
        super(new FileSlice(channel, offset, entry.compressed()), new Inflater(true), BLOCK);
        this.entry = entry;
    }

    /** @throws ZipException if the data is not compressed data, or at its end if it is not what the directory says */
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = super.read(into, offset, length);
        if (count > 0) {
            sum.update(into, offset, count);
            done += count;
        }
        if (done > entry.bytes() || (count < 0 && done < entry.bytes())) {
            String how = count < 0 ? "fewer (" + done + ")" : "more";
            throw new ZipException("it claims " + entry.bytes() + " bytes uncompressed but holds " + how);
        }
        if (count < 0 && (int) sum.getValue() != entry.crc32()) {
            throw new ZipException(String.format(
                    Locale.ROOT,
                    "its bytes have the CRC-32 %08x, not %08x as the directory says",
                    sum.getValue(),
                    entry.crc32()));
        }
        return count;
    }

    /** Reads what is left, and so checks all of it. */
    public static void finish(InputStream in) throws IOException {
        byte[] block = new byte[BLOCK];
        while (in.read(block, 0, BLOCK) >= 0) {
            continue;
        }
    }

    @Override
    public void close() throws IOException {
        inf.end();
        super.close();
    }
}
