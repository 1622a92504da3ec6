package dev.stockpot.bench;

import com.sun.nio.file.ExtendedOpenOption;
import dev.stockpot.memory.MappedFile;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.NativeMemory;
import dev.stockpot.memory.PlainRead;
import dev.stockpot.system.Workers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Plain reads that look at each byte: of memory, and of files in the order in which a soup reads them. */
public final class Reading {
    private static final long PIECE = 2 << 20;

    private Reading() {}

    /** Reads {@code memory} once. */
    static void memory(Memory memory, int threads) throws IOException, InterruptedException {
        pieces(List.of(memory), threads);
    }

    /**
     * Maps the files, reads each once in step with the others and with {@code beside}, 2 MiB of each at a time, and unmaps
     * them.
     *
     * @param beside memory that is read with them; may be empty
     * @param threads at least 1
     * @throws IOException if a file cannot be mapped
     * @throws InterruptedException if the thread is interrupted
     */
    public static void mapped(List<Path> files, List<Memory> beside, int threads)
            throws IOException, InterruptedException {
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

    /**
     * Reads the files past the page cache ({@code O_DIRECT}), a piece of each in turn, and looks at the bytes: what a
     * soup does there besides mixing.
     *
     * @param requests that the disk gets at a time
     */
    static void direct(List<Path> files, int requests) throws IOException, InterruptedException {
        List<FileChannel> opened = new ArrayList<>();
        try {
            long longest = 0;
            for (Path file : files) {
                opened.add(FileChannel.open(file, StandardOpenOption.READ, ExtendedOpenOption.DIRECT));
                longest = Math.max(longest, Files.size(file));
            }
            long end = longest;
            AtomicLong next = new AtomicLong();
            Workers workers = new Workers();
            workers.run(requests, () -> {
                try (NativeMemory memory = NativeMemory.allocate(opened.size() * PIECE)) {
                    for (long at; !workers.stopped() && (at = next.getAndAdd(PIECE)) < end; ) {
                        for (int k = 0; k < opened.size(); k++) {
                            FileChannel file = opened.get(k);
                            ByteBuffer piece = memory.slice(k * PIECE, Math.toIntExact(PIECE));
                            DiskTransfer.whole(FileChannel::read, file, piece, at, Math.min(file.size(), at + PIECE));
                        }
                        PlainRead.of(memory, 0, memory.size());
                    }
                }
            });
        } finally {
            for (FileChannel channel : opened) {
                channel.close();
            }
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
