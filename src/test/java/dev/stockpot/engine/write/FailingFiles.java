package dev.stockpot.engine.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The disk, with one call that fails or finds its thread interrupted. */
final class FailingFiles implements OutputFiles {
    /** The calls, in order. */
    final List<String> calls = new ArrayList<>();

    private final int failing;
    private final boolean interrupting;

    private FailingFiles(int failing, boolean interrupting) {
        this.failing = failing;
        this.interrupting = interrupting;
    }

    /** Fails only at the call with this number, from 0. */
    static FailingFiles failingAt(int call) {
        return new FailingFiles(call, false);
    }

    /** Interrupts the calling thread before the call with this number. */
    static FailingFiles interruptingAt(int call) {
        return new FailingFiles(call, true);
    }

    /** Never fails. */
    static FailingFiles counting() {
        return new FailingFiles(-1, false);
    }

    private synchronized void call(String what) throws IOException {
        calls.add(what);
        if (calls.size() - 1 == failing) {
            if (!interrupting) {
                throw new IOException(what + " fails");
            }
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public OutputFile create(Path file, long bytes, Filling how) throws IOException {
        call("create");
        OutputFile real = DISK.create(file, bytes, how);
        return new OutputFile() {
            @Override
            public void write(long offset, ByteBuffer values) throws IOException {
                call("write at");
                real.write(offset, values);
            }

            @Override
            public ByteBuffer place(long offset, int length) {
                return real.place(offset, length);
            }

            @Override
            public void force() throws IOException {
                call("force");
                real.force();
            }

            @Override
            public void close() throws IOException {
                // The file is closed even if this call fails, as when a full disk is noticed late.
                real.close();
                call("close");
            }
        };
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        call("create folder");
        DISK.createFolder(folder);
    }

    @Override
    public void write(Path file, byte[] bytes) throws IOException {
        call("write");
        DISK.write(file, bytes);
    }

    @Override
    public void copy(Path from, Path to) throws IOException {
        call("copy");
        DISK.copy(from, to);
    }

    @Override
    public void sync(Path path) throws IOException {
        call("sync");
        DISK.sync(path);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        call("rename");
        DISK.rename(from, to);
    }

    @Override
    public void renameNew(Path from, Path to) throws IOException {
        call("rename new");
        DISK.renameNew(from, to);
    }

    @Override
    public void exchange(Path one, Path other) throws IOException {
        call("exchange");
        DISK.exchange(one, other);
    }

    @Override
    public void link(Path file, Path name) throws IOException {
        call("link");
        DISK.link(file, name);
    }

    @Override
    public void copyPermissions(Path from, Path to) throws IOException {
        call("copy permissions");
        DISK.copyPermissions(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        call("delete");
        DISK.delete(path);
    }

    @Override
    public boolean exists(Path path) throws IOException {
        call("exists");
        return DISK.exists(path);
    }

    @Override
    public List<Path> list(Path folder) throws IOException {
        call("list");
        return DISK.list(folder);
    }

    @Override
    public long usableSpace(Path folder) throws IOException {
        call("usable space");
        return DISK.usableSpace(folder);
    }
}
