package dev.stockpot.checkpoint.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A range of a file as a stream with a position of its own. */
public final class FileSlice extends InputStream {
    private final RandomFile channel;
    private final long end;
    private long at;

    public FileSlice(RandomFile channel, long offset, long bytes) {
        this.channel = channel;
        this.at = offset;
        this.end = offset + bytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        int wanted = (int) Math.min(length, end - at);
        int count = wanted <= 0 ? -1 : channel.read(ByteBuffer.wrap(into, offset, wanted), at);
        at += Math.max(count, 0);
        return count;
    }
}
