package dev.stockpot.spark.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/** A path in a store. The text of an absolute one is the whole name, such as {@code hdfs://host/folder/file}. */
final class StorePath implements Path {
    private final StoreFileSystem system;
    private final boolean absolute;
    private final List<String> names;

    private StorePath(StoreFileSystem system, boolean absolute, List<String> names) {
        this.system = system;
        this.absolute = absolute;
        // As everywhere in Java, a path without a name has one that is empty.
        this.names = names.isEmpty() && !absolute ? List.of("") : List.copyOf(names);
    }

    static StorePath of(StoreFileSystem system, String text) {
        List<String> names =
                Arrays.stream(text.split("/")).filter(name -> !name.isEmpty()).toList();
        return new StorePath(system, text.startsWith("/"), names);
    }

    /** The same for Hadoop. */
    org.apache.hadoop.fs.Path hadoop() {
        return new org.apache.hadoop.fs.Path(toUri());
    }

    @Override
    public StoreFileSystem getFileSystem() {
        return system;
    }

    @Override
    public boolean isAbsolute() {
        return absolute;
    }

    @Override
    public StorePath getRoot() {
        return absolute ? new StorePath(system, true, List.of()) : null;
    }

    @Override
    public StorePath getFileName() {
        return names.isEmpty() ? null : getName(names.size() - 1);
    }

    @Override
    public StorePath getParent() {
        if (names.size() > 1) {
            return new StorePath(system, absolute, names.subList(0, names.size() - 1));
        }
        return names.isEmpty() ? null : getRoot();
    }

    @Override
    public int getNameCount() {
        return names.size();
    }

    @Override
    public StorePath getName(int index) {
        return subpath(index, index + 1);
    }

    @Override
    public StorePath subpath(int from, int to) {
        if (from < 0 || to > names.size() || from >= to) {
            throw new IllegalArgumentException(this + " has no names from " + from + " to " + to);
        }
        return new StorePath(system, false, names.subList(from, to));
    }

    @Override
    public boolean startsWith(Path other) {
        return other instanceof StorePath path
                && path.system == system
                && path.absolute == absolute
                && path.names.size() <= names.size()
                && names.subList(0, path.names.size()).equals(path.names);
    }

    @Override
    public boolean endsWith(Path other) {
        if (!(other instanceof StorePath path) || path.system != system) {
            return false;
        }
        int before = names.size() - path.names.size();
        return path.absolute
                ? equals(path)
                : before >= 0 && names.subList(before, names.size()).equals(path.names);
    }

    @Override
    public StorePath normalize() {
        List<String> kept = new ArrayList<>();
        for (String name : names) {
            boolean up = name.equals("..");
            if (up && !kept.isEmpty() && !kept.get(kept.size() - 1).equals("..")) {
                kept.remove(kept.size() - 1);
            } else if (!name.equals(".") && !(up && absolute)) {
                kept.add(name);
            }
        }
        return new StorePath(system, absolute, kept);
    }

    @Override
    public StorePath resolve(Path other) {
        StorePath path = cast(other);
        if (path.absolute) {
            return path;
        }
        List<String> all = new ArrayList<>(present());
        all.addAll(path.present());
        return new StorePath(system, absolute, all);
    }

    @Override
    public StorePath relativize(Path other) {
        StorePath path = cast(other);
        if (path.absolute != absolute) {
            throw new IllegalArgumentException(this + " and " + other + " have no way between them");
        }
        List<String> from = present();
        List<String> to = path.present();
        int common = 0;
        while (common < Math.min(from.size(), to.size()) && from.get(common).equals(to.get(common))) {
            common++;
        }
        List<String> way = new ArrayList<>(Collections.nCopies(from.size() - common, ".."));
        way.addAll(to.subList(common, to.size()));
        return new StorePath(system, false, way);
    }

    /** The names without the empty one. */
    private List<String> present() {
        return names.equals(List.of("")) ? List.of() : names;
    }

    private StorePath cast(Path other) {
        if (other instanceof StorePath path && path.system == system) {
            return path;
        }
        throw new ProviderMismatchException(other + " is not in " + system);
    }

    @Override
    public URI toUri() {
        try {
            URI store = system.uri();
            return new URI(
                    store.getScheme(), store.getAuthority(), toAbsolutePath().plain(), null, null);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A store has no working folder: such a path is seen from its root. */
    @Override
    public StorePath toAbsolutePath() {
        return absolute ? this : new StorePath(system, true, present());
    }

    @Override
    public StorePath toRealPath(LinkOption... options) {
        return toAbsolutePath().normalize();
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int compareTo(Path other) {
        return plain().compareTo(cast(other).plain());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StorePath path
                && path.system == system
                && path.absolute == absolute
                && path.names.equals(names);
    }

    @Override
    public int hashCode() {
        return Objects.hash(absolute, names);
    }

    private String plain() {
        return (absolute ? "/" : "") + String.join("/", names);
    }

    @Override
    public String toString() {
        return absolute ? system + plain() : plain();
    }
}
