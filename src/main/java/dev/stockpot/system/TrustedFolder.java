package dev.stockpot.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Folders that code may be loaded from: whoever else could change what is in them would run code in this process. */
public final class TrustedFolder {
    private static final int STICKY = 01000;
    private static final int WRITABLE_BY_GROUP = 020;
    private static final int WRITABLE_BY_ALL = 02;

    private TrustedFolder() {}

    /**
     * Whether only this process's user and root can change what is in a folder, and what its path leads to. A group that
     * only the owner is in, by its name, counts as the owner; so does any writer of a sticky folder above it.
     *
     * @throws IOException if it cannot be looked at, or the file system has no owners
     */
    public static boolean is(Path folder) throws IOException {
        Path real = folder.toRealPath();
        Object user = attribute(Path.of("/proc/self"), "unix:uid");
        for (Path part = real; part != null; part = part.getParent()) {
            int mode = (int) attribute(part, "unix:mode");
            boolean sticky = !part.equals(real) && (mode & STICKY) != 0;
            Object owner = attribute(part, "unix:uid");
            if (!(owner.equals(user) || owner.equals(0)) || (isWritable(part, mode) && !sticky)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isWritable(Path part, int mode) throws IOException {
        return (mode & WRITABLE_BY_ALL) != 0
                || ((mode & WRITABLE_BY_GROUP) != 0
                        && !attribute(part, "posix:group")
                                .toString()
                                .equals(attribute(part, "posix:owner").toString()));
    }

    private static Object attribute(Path path, String name) throws IOException {
        LinkOption[] options =
                path.startsWith("/proc") ? new LinkOption[0] : new LinkOption[] {LinkOption.NOFOLLOW_LINKS};
        try {
            return Files.getAttribute(path, name, options);
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            throw new IOException("its file system has no owners", e);
        }
    }
}
