package dev.stockpot.peers;

import dev.stockpot.bench.DiskTransfer;
import dev.stockpot.bench.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Limits to compare peers with: they move a soup's bytes and mix nothing. They are {@link Peer}s in form only. */
final class PlainTransfers {
    private PlainTransfers() {}

    /** Maps the models and reads each byte once; writes nothing. */
    static void mappedRead(List<Path> models, Path out, int threads) throws IOException, InterruptedException {
        Reading.mapped(models, List.of(), threads);
    }

    /** Does the same, then writes as many bytes as one model has, through the page cache. */
    static void cached(List<Path> models, Path out, int threads) throws IOException, InterruptedException {
        mappedRead(models, out, threads);
        new DiskTransfer(threads).writeCached(out, Files.size(models.get(0)));
    }

    /** Reads the models past the page cache, then writes as many bytes as one model has, also past it. */
    static void direct(List<Path> models, Path out, int threads) throws IOException, InterruptedException {
        DiskTransfer disk = new DiskTransfer(threads);
        disk.readDirect(models);
        disk.writeDirect(out, Files.size(models.get(0)));
    }
}
