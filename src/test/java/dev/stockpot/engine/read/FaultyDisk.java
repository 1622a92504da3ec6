package dev.stockpot.engine.read;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The disk under another name, with one call at which something goes wrong. Paths come from {@link #path}. */
final class FaultyDisk {
    /** What goes wrong. */
    enum Fault {
        /** The call fails. */
        FAILS,
        /** A read brings half of what it was asked for, as it may; other calls fail. */
        SHORT,
        /** A read finds the end of the file; other calls fail. */
        ENDS,
        /** The thread is interrupted before the call. */
        INTERRUPTED,
        /** There is no memory for the call; closing a file takes none. */
        NO_MEMORY
    }

    private final int failing;
    private final Fault fault;
    private final List<String> calls = new ArrayList<>();
    private final Provider provider = new Provider();
    private final FileSystem disk = new NamedDisk(provider, this::path);

    /** Goes wrong only at the call with this number, from 0. */
    FaultyDisk(int failing, Fault fault) {
        this.failing = failing;
        this.fault = fault;
    }

    /** Whether it has gone wrong. */
    synchronized boolean struck() {
        return calls.size() > failing;
    }

    /** The calls so far, in order. */
    synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    /** Whether this call is the one; a fault that is no short read is raised here. */
    private boolean strikes(String what, boolean read) throws IOException {
        synchronized (this) {
            calls.add(what);
            if (calls.size() - 1 != failing) {
                return false;
            }
        }
        if (fault == Fault.INTERRUPTED) {
            Thread.currentThread().interrupt();
            return false;
        }
        if (fault == Fault.NO_MEMORY) {
            if (what.equals("close")) {
                return false;
            }
            throw new OutOfMemoryError(what);
        }
        if (!read || fault == Fault.FAILS) {
            throw new IOException(what + " fails");
        }
        return true;
    }

    /** A path on this disk to a real file. */
    Path path(Path real) {
        return (Path) Proxy.newProxyInstance(
                Path.class.getClassLoader(), new Class<?>[] {Path.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "getFileSystem":
                            return disk;
                        case "equals":
                            return arguments[0] instanceof Path other
                                    && other.getFileSystem() == disk
                                    && other.toString().equals(real.toString());
                        default:
                            return call(method, real, arguments);
                    }
                });
    }

    private static Object call(Method method, Path real, Object[] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static Path real(Path path) {
        return Path.of(path.toString());
    }

    private final class Provider extends FileSystemProvider {
        @Override
        public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
                throws IOException {
            strikes("open", false);
            return new Channel(FileChannel.open(real(path), options, attributes));
        }

        @Override
        public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
                throws IOException {
            strikes("stat", false);
            return Files.readAttributes(real(path), type, options);
        }

        @Override
        public FileStore getFileStore(Path path) throws IOException {
            strikes("statfs", false);
            return Files.getFileStore(real(path));
        }

        @Override
        public void checkAccess(Path path, AccessMode... modes) throws IOException {
            real(path).getFileSystem().provider().checkAccess(real(path), modes);
        }

        @Override
        public String getScheme() {
            return "faulty";
        }

        @Override
        public boolean isSameFile(Path path, Path other) {
            return path.equals(other);
        }

        @Override
        public boolean isHidden(Path path) {
            return false;
        }

        @Override
        public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
            return null;
        }

        @Override
        public Map<String, Object> readAttributes(Path path, String names, LinkOption... options) throws IOException {
            return Files.readAttributes(real(path), names, options);
        }

        @Override
        public FileSystem newFileSystem(URI uri, Map<String, ?> settings) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileSystem getFileSystem(URI uri) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Path getPath(URI uri) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SeekableByteChannel newByteChannel(
                Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
            return newFileChannel(path, options, attributes);
        }

        @Override
        public DirectoryStream<Path> newDirectoryStream(Path folder, DirectoryStream.Filter<? super Path> filter) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void createDirectory(Path folder, FileAttribute<?>... attributes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void delete(Path path) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void copy(Path from, Path to, CopyOption... options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void move(Path from, Path to, CopyOption... options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void setAttribute(Path path, String name, Object value, LinkOption... options) {
            throw new UnsupportedOperationException();
        }
    }

    /** A file that is open for reading. */
    private final class Channel extends ReadOnlyChannel {
        private Channel(FileChannel real) {
            super(real);
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            if (!strikes("read", true)) {
                return real.read(into, position);
            }
            if (fault == Fault.ENDS) {
                return -1;
            }
            ByteBuffer half = into.slice(into.position(), (into.remaining() + 1) / 2);
            int count = real.read(half, position);
            into.position(into.position() + Math.max(count, 0));
            return count;
        }

        @Override
        protected void implCloseChannel() throws IOException {
            real.close();
            strikes("close", false);
        }
    }
}
