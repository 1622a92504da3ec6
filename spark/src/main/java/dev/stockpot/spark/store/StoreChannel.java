package dev.stockpot.spark.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;

/**
 * A file in a store, read at any positions by any number of threads at once: each read has a stream of its own, since the
 * streams of some stores serve one read at a time.
 */
final class StoreChannel extends FileChannel {
    /** The most bytes of one request where a stream fills arrays alone. */
    private static final int LARGEST_COPIED = 4 << 20;

    private final FileSystem system;
    private final FileStatus status;
    private final Queue<FSDataInputStream> idle = new ConcurrentLinkedQueue<>();
    private long position;

    /** @param status of the file, which is what is read: a store that knows versions reads no other */
    StoreChannel(FileSystem system, FileStatus status) throws IOException {
        this.system = system;
        this.status = status;
        idle.add(stream());
    }

    private FSDataInputStream stream() throws IOException {
        try {
            return system.openFile(status.getPath())
                    .opt("fs.option.openfile.read.policy", "vector, random")
                    .opt("fs.option.openfile.length", Long.toString(status.getLen()))
                    .opt("fs.s3a.experimental.input.fadvise", "random")
                    .withFileStatus(status)
                    .build()
                    .join();
        } catch (CompletionException | UncheckedIOException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        }
    }

    @Override
    public int read(ByteBuffer into, long offset) throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        if (!into.hasRemaining()) {
            return 0;
        }
        if (offset >= status.getLen()) {
            return -1;
        }
        FSDataInputStream kept = idle.poll();
        FSDataInputStream in = kept == null ? stream() : kept;
        boolean read = false;
        try {
            int count = read(in, into, offset);
            read = true;
            return count;
        } finally {
            if (read) {
                idle.add(in);
            } else {
                in.close();
            }
            if (!isOpen()) {
                closeIdle();
            }
        }
    }

    private int read(FSDataInputStream in, ByteBuffer into, long offset) throws IOException {
        if (in.hasCapability("in:preadbytebuffer")) {
            return in.read(offset, into);
        }
        int wanted = (int) Math.min(Math.min(into.remaining(), LARGEST_COPIED), status.getLen() - offset);
        byte[] copied = new byte[wanted];
        try {
            in.readFully(offset, copied);
        } catch (EOFException e) {
            return -1;
        }
        into.put(copied);
        return wanted;
    }

    private void closeIdle() throws IOException {
        for (FSDataInputStream in = idle.poll(); in != null; in = idle.poll()) {
            in.close();
        }
    }

    @Override
    protected void implCloseChannel() throws IOException {
        closeIdle();
    }

    @Override
    public synchronized int read(ByteBuffer into) throws IOException {
        int count = read(into, position);
        position += Math.max(count, 0);
        return count;
    }

    @Override
    public long read(ByteBuffer[] into, int from, int count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public synchronized long position() {
        return position;
    }

    @Override
    public synchronized FileChannel position(long next) {
        position = next;
        return this;
    }

    @Override
    public long size() {
        return status.getLen();
    }

    @Override
    public int write(ByteBuffer bytes) {
        throw new NonWritableChannelException();
    }

    @Override
    public int write(ByteBuffer bytes, long offset) {
        throw new NonWritableChannelException();
    }

    @Override
    public long write(ByteBuffer[] bytes, int from, int count) {
        throw new NonWritableChannelException();
    }

    @Override
    public FileChannel truncate(long bytes) {
        throw new NonWritableChannelException();
    }

    @Override
    public void force(boolean metadata) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long from, long count, WritableByteChannel target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long at, long count) {
        throw new NonWritableChannelException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long from, long bytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long from, long bytes, boolean shared) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long from, long bytes, boolean shared) {
        throw new UnsupportedOperationException();
    }
}
