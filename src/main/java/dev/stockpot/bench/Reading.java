package dev.stockpot.bench;

import dev.stockpot.engine.Workers;
import dev.stockpot.kernel.MappedFile;
import dev.stockpot.kernel.Memory;
import dev.stockpot.kernel.PlainRead;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Plain reads by all threads: of memory, and of mapped files in the order in which a soup reads them. */
final class Reading {
    private static final long PIECE = 2 << 20;

    private Reading() {}

    /** Reads {@code memory} once. */
    static void memory(Memory memory, int threads) throws IOException, InterruptedException {
        pieces(List.of(memory), threads);
    }

    /** Maps the files, reads each once side by side with the others and with {@code beside}, and unmaps them. */
    static void mapped(List<Path> files, List<Memory> beside, int threads) throws IOException, InterruptedException {
        List<Memory> opened = new ArrayList<>();
        try {
            for (Path file : files) {
                opened.add(MappedFile.map(file));
            }
            List<Memory> all = new ArrayList<>(opened);
            all.addAll(beside);
            pieces(all, threads);
        } finally {
            opened.forEach(Memory::close);
        }
    }

    private static void pieces(List<Memory> memories, int threads) throws IOException, InterruptedException {
        long longest = memories.stream().mapToLong(Memory::size).max().orElse(0);
        AtomicLong next = new AtomicLong();
        Workers workers = new Workers();
        workers.run(threads, () -> {
            for (long at; !workers.stopped() && (at = next.getAndAdd(PIECE)) < longest; ) {
                for (Memory memory : memories) {
                    if (at < memory.size()) {
                        PlainRead.of(memory, at, Math.min(PIECE, memory.size() - at));
                    }
                }
            }
        });
    }
}
