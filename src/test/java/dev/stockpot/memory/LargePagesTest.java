package dev.stockpot.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LargePagesTest {
    private static final Path MEMORY = Path.of("/dev/shm");

    private final List<Path> made = new ArrayList<>();

    @TempDir
    Path folder;

    private Path inMemory() throws Exception {
        assumeTrue(Files.isWritable(MEMORY), "needs a file system in memory");
        Path file = Files.createTempFile(MEMORY, "large pages ", "");
        made.add(file);
        return file;
    }

    @AfterEach
    void remove() throws Exception {
        for (Path file : made) {
            Files.deleteIfExists(file);
        }
    }

    /** Pieces that share large pages, some placed, some written, in any order and concurrently. */
    @Test
    void holdsWhatIsPlacedAndWhatIsWrittenBesideIt() throws Exception {
        Random random = new Random(3);
        byte[] expected = new byte[(45 << 20) + 123];
        random.nextBytes(expected);
        Path file = inMemory();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (LargePages pages = LargePages.of(file, expected.length, 8 << 20);
                FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            assumeTrue(pages != null, "needs Linux with large pages");
            assertEquals(expected.length, Files.size(file));
            List<int[]> pieces = new ArrayList<>();
            for (int at = 0; at < expected.length; ) {
                int length = Math.min(random.nextInt(5 << 20) + 1, expected.length - at);
                pieces.add(new int[] {at, length});
                at += length;
            }
            Collections.shuffle(pieces, random);
            List<Future<?>> done = new ArrayList<>();
            for (int[] piece : pieces) {
                done.add(threads.submit(() -> {
                    ByteBuffer place = pages.place(piece[0], piece[1]);
                    if (place != null) {
                        assertEquals(piece[1], place.remaining());
                        place.put(expected, piece[0], piece[1]);
                    } else {
                        channel.write(ByteBuffer.wrap(expected, piece[0], piece[1]), piece[0]);
                    }
                    return null;
                }));
            }
            for (Future<?> piece : done) {
                piece.get();
            }
        } finally {
            threads.shutdown();
        }
        assertArrayEquals(expected, Files.readAllBytes(file));
    }

    @Test
    void isOfUseForLargeFilesInMemoryAlone() throws Exception {
        assertNull(LargePages.of(folder.resolve("not there"), 8 << 20, 1));
        assertNull(LargePages.of(inMemory(), 1 << 20, 1), "smaller than a large page");
        Path disk = Files.createFile(folder.resolve("on disk"));
        assumeTrue(!Files.getFileStore(disk).type().equals("tmpfs"), "the temporary folder is in memory");
        assertNull(LargePages.of(disk, 8 << 20, 1));
        assertEquals(0, Files.size(disk), "left as it was");
    }

    @Test
    void leavesFewBytesAndTheLastPageToBeWritten() throws Exception {
        Path file = inMemory();
        try (LargePages pages = LargePages.of(file, 5 << 20, 1)) {
            assumeTrue(pages != null, "needs Linux with large pages");
            assertNull(pages.place(0, 1000));
            assertNull(pages.place(3 << 20, 2 << 20), "the last page is not whole");
        }
    }
}
