package dev.stockpot.checkpoint.gguf;

import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.io.Closeable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The files of one model: one, or the shards of llama.cpp's gguf-split, {@code NAME-00002-of-00003.gguf}. */
final class GgufShards {
    static final String COUNT = "split.count";
    static final String NUMBER = "split.no";
    private static final String TENSORS = "split.tensors.count";

    private static final String SUFFIX = "-%05d-of-%05d.gguf";
    private static final int MOST = 99_999;

    private GgufShards() {}

    /**
     * Opens {@code file} and, if it is a shard, all others, in order.
     *
     * @throws CheckpointException if one is damaged or missing, or they do not belong together
     */
    static List<GgufFile> open(Path file) {
        List<GgufFile> opened = new ArrayList<>();
        try {
            GgufFile first = GgufFile.read(file);
            opened.add(first);
            long count = first.header().number(COUNT, 0);
            if (count <= 1) {
                return opened;
            }
            int own = number(file, first, count);
            opened.clear();
            for (int k = 0; k < count; k++) {
                GgufFile shard = k == own ? first : GgufFile.read(sibling(file, own, k, (int) count));
                opened.add(shard);
                if (shard.header().number(COUNT, 0) != count || shard.header().number(NUMBER, -1) != k) {
                    throw new CheckpointException(
                            Reason.DAMAGED,
                            shard.source().path(),
                            "says that it is shard " + shard.header().number(NUMBER, -1) + " of "
                                    + shard.header().number(COUNT, 0) + ", not " + k + " of " + count
                                    + " as its name says");
                }
            }
            long tensors =
                    opened.stream().mapToLong(shard -> shard.tensors().size()).sum();
            long stated = opened.get(0).header().number(TENSORS, tensors);
            if (stated != tensors) {
                throw new CheckpointException(
                        Reason.DAMAGED, file, "has " + tensors + " tensors in its shards, not " + stated);
            }
            return opened;
        } catch (RuntimeException | Error e) {
            Contents.discard(copied(opened), e);
            throw e;
        }
    }

    /** The copies of all. */
    static List<Closeable> copied(List<GgufFile> files) {
        return files.stream().flatMap(file -> file.copied().stream()).toList();
    }

    /** Which shard {@code file} is, from 0, by what it says and by its name, which must agree. */
    private static int number(Path file, GgufFile shard, long count) {
        long own = shard.header().number(NUMBER, -1);
        boolean named = own >= 0
                && own < count
                && count <= MOST
                && file.getFileName().toString().endsWith(suffix((int) own, (int) count));
        if (!named) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "says that it is shard " + own + " of " + count + ", counted from 0, and is named otherwise",
                    Details.of()
                            .hint("give the shards the names that they had, such as model"
                                    + suffix(0, (int) Math.min(count, MOST))));
        }
        return (int) own;
    }

    private static Path sibling(Path file, int own, int other, int count) {
        String name = file.getFileName().toString();
        String stem = name.substring(0, name.length() - suffix(own, count).length());
        Path shard = file.resolveSibling(stem + suffix(other, count));
        if (!Files.isRegularFile(shard)) {
            throw new CheckpointException(
                    Reason.NOT_FOUND, file, "its shard " + shard.getFileName() + " is missing from its folder");
        }
        return shard;
    }

    private static String suffix(int number, int count) {
        return String.format(Locale.ROOT, SUFFIX, number + 1, count);
    }
}
