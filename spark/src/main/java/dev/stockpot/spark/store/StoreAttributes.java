package dev.stockpot.spark.store;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.apache.hadoop.fs.EtagSource;
import org.apache.hadoop.fs.FileStatus;

/** What a store says of a file. The key is text, the same on every machine: the content's tag, or else the file's name. */
record StoreAttributes(FileStatus status) implements BasicFileAttributes {
    @Override
    public Object fileKey() {
        String tag = status instanceof EtagSource source ? source.getEtag() : null;
        return tag == null || tag.isEmpty() ? status.getPath().toString() : tag;
    }

    @Override
    public FileTime lastModifiedTime() {
        return FileTime.fromMillis(status.getModificationTime());
    }

    @Override
    public FileTime lastAccessTime() {
        return FileTime.fromMillis(status.getAccessTime());
    }

    @Override
    public FileTime creationTime() {
        return lastModifiedTime();
    }

    @Override
    public boolean isRegularFile() {
        return status.isFile();
    }

    @Override
    public boolean isDirectory() {
        return status.isDirectory();
    }

    @Override
    public boolean isSymbolicLink() {
        return status.isSymlink();
    }

    @Override
    public boolean isOther() {
        return !status.isFile() && !status.isDirectory() && !status.isSymlink();
    }

    @Override
    public long size() {
        return status.getLen();
    }
}
