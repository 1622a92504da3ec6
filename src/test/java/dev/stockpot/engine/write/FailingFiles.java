package dev.stockpot.engine.write;

import dev.stockpot.engine.disk.OutputFile;
import dev.stockpot.engine.disk.OutputFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The disk, with one call at which something goes wrong. */
final class FailingFiles implements OutputFiles {
    /** What goes wrong. */
    enum Fault {
        /** The call does nothing and fails. */
        FAILS,
        /** The call does half of its work, if it can be halved, and fails. */
        SHORT,
        /** The call does all of its work, and fails nevertheless, as on a network file system. */
        FAILS_LATE,
        /** The thread is interrupted before the call. */
        INTERRUPTED,
        /** The call does nothing, as the system has no memory. */
        NO_MEMORY
    }

    /** The calls, in order. */
    final List<String> calls = new ArrayList<>();
    /** The files that were made. */
    final List<OutputFile> made = new ArrayList<>();

    private final int failing;
    private final Fault fault;

    private FailingFiles(int failing, Fault fault) {
        this.failing = failing;
        this.fault = fault;
    }

    /** Goes wrong only at the call with this number, from 0. */
    static FailingFiles at(int call, Fault fault) {
        return new FailingFiles(call, fault);
    }

    /** Never goes wrong. */
    static FailingFiles counting() {
        return new FailingFiles(-1, Fault.FAILS);
    }

    /** What goes wrong. */
    Fault fault() {
        return fault;
    }

    /** Whether it has gone wrong. */
    boolean struck() {
        return failing >= 0 && calls.size() > failing;
    }

    /** A call with a result. */
    private interface Call<T> {
        T run() throws IOException;
    }

    /** A call without one. */
    private interface Act {
        void run() throws IOException;
    }

    private synchronized boolean strikesAt(String what) {
        calls.add(what);
        return calls.size() - 1 == failing;
    }

    private <T> T result(String what, Call<T> real, Act half) throws IOException {
        if (strikesAt(what)) {
            switch (fault) {
                case FAILS -> throw new IOException(what + " fails");
                case SHORT -> {
                    half.run();
                    throw new IOException(what + " fails");
                }
                case FAILS_LATE -> {
                    T done = real.run();
                    if (done instanceof OutputFile file) {
                        file.close();
                    }
                    throw new IOException(what + " fails");
                }
                case INTERRUPTED -> Thread.currentThread().interrupt();
                case NO_MEMORY -> throw new OutOfMemoryError(what);
            }
        }
        return real.run();
    }

    private void act(String what, Act real, Act half) throws IOException {
        result(
                what,
                () -> {
                    real.run();
                    return "";
                },
                half);
    }

    private void act(String what, Act real) throws IOException {
        act(what, real, () -> {});
    }

    @Override
    public OutputFile create(Path file, long bytes, Filling how) throws IOException {
        OutputFile real = result("create", () -> DISK.create(file, bytes, how), () -> {});
        made.add(real);
        return new OutputFile() {
            @Override
            public void write(long offset, ByteBuffer values) throws IOException {
                int half = values.remaining() / 2;
                act("write at", () -> real.write(offset, values), () -> real.write(offset, values.slice(0, half)));
            }

            @Override
            public ByteBuffer place(long offset, int length) {
                boolean strikes = strikesAt("place");
                if (strikes && fault == Fault.INTERRUPTED) {
                    Thread.currentThread().interrupt();
                }
                return strikes && fault != Fault.INTERRUPTED ? null : real.place(offset, length);
            }

            @Override
            public void force() throws IOException {
                act("force", real::force);
            }

            @Override
            public void close() throws IOException {
                // The file is closed even if this call fails, as when a full disk is noticed late.
                real.close();
                act("close", real::close);
            }
        };
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        act("create folder", () -> DISK.createFolder(folder));
    }

    @Override
    public void write(Path file, byte[] bytes) throws IOException {
        act("write", () -> DISK.write(file, bytes), () -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2)));
    }

    @Override
    public void copy(Path from, Path to) throws IOException {
        act("copy", () -> DISK.copy(from, to), () -> Files.createFile(to));
    }

    @Override
    public void sync(Path path) throws IOException {
        act("sync", () -> DISK.sync(path));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        act("rename", () -> DISK.rename(from, to));
    }

    @Override
    public void renameNew(Path from, Path to) throws IOException {
        act("rename new", () -> DISK.renameNew(from, to));
    }

    @Override
    public void exchange(Path one, Path other) throws IOException {
        act("exchange", () -> DISK.exchange(one, other));
    }

    @Override
    public void link(Path file, Path name) throws IOException {
        act("link", () -> DISK.link(file, name));
    }

    @Override
    public void copyPermissions(Path from, Path to) throws IOException {
        act("copy permissions", () -> DISK.copyPermissions(from, to));
    }

    @Override
    public void remove(Path path) throws IOException {
        act("remove", () -> DISK.remove(path));
    }

    @Override
    public void delete(Path path) throws IOException {
        act("delete", () -> DISK.delete(path));
    }

    @Override
    public Optional<BasicFileAttributes> stat(Path path, LinkOption... options) throws IOException {
        return result("stat", () -> DISK.stat(path, options), () -> {});
    }

    @Override
    public List<Path> list(Path folder) throws IOException {
        return result("list", () -> DISK.list(folder), () -> {});
    }

    @Override
    public long usableSpace(Path folder) throws IOException {
        return result("usable space", () -> DISK.usableSpace(folder), () -> {});
    }
}
