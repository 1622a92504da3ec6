package dev.stockpot.spark.store;

import java.net.URI;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;

/** One of Hadoop's file systems, for reading. It is as open as Hadoop's, which is the process's own. */
final class StoreFileSystem extends FileSystem {
    private final URI uri;
    private final org.apache.hadoop.fs.FileSystem hadoop;
    private final StoreProvider provider;

    /** @param uri scheme and authority */
    StoreFileSystem(URI uri, org.apache.hadoop.fs.FileSystem hadoop) {
        this.uri = uri;
        this.hadoop = hadoop;
        this.provider = new StoreProvider(this);
    }

    URI uri() {
        return uri;
    }

    org.apache.hadoop.fs.FileSystem hadoop() {
        return hadoop;
    }

    /** A path; of a whole name, such as {@code s3a://bucket/key}, the part after the authority. */
    @Override
    public StorePath getPath(String first, String... more) {
        String whole =
                first.startsWith(uri + "/") ? first.substring(uri.toString().length()) : first;
        return StorePath.of(this, more.length == 0 ? whole : whole + "/" + String.join("/", more));
    }

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return true;
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(getPath("/"));
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return Set.of("basic");
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
        throw new UnsupportedOperationException();
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException();
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
