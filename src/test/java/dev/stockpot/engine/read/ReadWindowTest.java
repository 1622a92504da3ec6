package dev.stockpot.engine.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.engine.SourceSpans;
import dev.stockpot.engine.SourceSpans.Span;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One source's two places: what is read ahead is what is used next, and what fails is told where it is used. */
class ReadWindowTest {
    private static final int SPAN = 4096;
    private static final int SPANS = 32;

    @TempDir
    Path folder;

    private Path file;
    private Source source;
    private Inputs inputs;
    private ReadAhead readers;
    private ReadWindow window;

    /** Span k of the file is all k. */
    @BeforeEach
    void openAFile() throws Exception {
        assumeTrue(TestFiles.waysToRead(folder).contains(IoMode.DIRECT), "only such reads are awaited");
        byte[] bytes = new byte[SPAN * SPANS];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i / SPAN);
        }
        file = Files.write(folder.resolve("file"), bytes);
        source = new FileSource(file);
        TensorInfo all =
                new TensorInfo("all", DType.U8, List.of((long) bytes.length), new FileSource(file), 0, bytes.length);
        inputs = Inputs.open(List.of(SourceSpans.of(List.of(all))), IoMode.DIRECT, false);
        readers = ReadAhead.of(inputs);
        int block = inputs.block();
        ByteBuffer buffer =
                ByteBuffer.allocateDirect(2 * (SPAN + 3 * block) + block).alignedSlice(block);
        window = new ReadWindow(Memory.of(buffer), 0, SPAN + 2 * block - (SPAN % block));
    }

    @AfterEach
    void close() {
        if (window != null) {
            window.close();
            readers.close();
            inputs.close();
        }
    }

    private void readAhead(int k) {
        window.readAhead(inputs.get(source), (long) k * SPAN, SPAN, readers);
    }

    private void assertBrings(int k) {
        Operand found = window.operand(inputs.get(source), new Span(source, (long) k * SPAN, DType.U8), SPAN);
        ByteBuffer bytes = found.memory().slice(found.offset(), SPAN);
        for (int i = 0; i < SPAN; i++) {
            assertEquals(k, bytes.get(i), "byte " + i);
        }
    }

    @Test
    void everySpanIsBroughtWhetherOrNotItWasReadAhead() {
        readAhead(0);
        for (int k = 0; k < SPANS; k++) {
            // The one after it, another one, or none.
            if (k % 3 < 2) {
                readAhead(k % 3 == 0 ? (k + 1) % SPANS : (k + 7) % SPANS);
            }
            assertBrings(k);
            assertBrings(k);
        }
    }

    @Test
    void aReadAheadThatFailsIsToldWhereItsSpanIsUsed() throws Exception {
        readAhead(0);
        assertBrings(0);
        try (RandomAccessFile shrunk = new RandomAccessFile(file.toFile(), "rw")) {
            shrunk.setLength(SPAN);
        }
        readAhead(1);
        assertBrings(0);
        CheckpointException e = assertThrows(CheckpointException.class, () -> assertBrings(1));
        assertTrue(e.getMessage().contains("shrank"), e.getMessage());
        // The place is empty: what is there is never taken for the span.
        assertThrows(CheckpointException.class, () -> assertBrings(1));
        assertBrings(0);
    }

    @Test
    void aReadAheadThatFailsAndIsNotUsedIsNoFailure() throws Exception {
        try (RandomAccessFile shrunk = new RandomAccessFile(file.toFile(), "rw")) {
            shrunk.setLength(SPAN);
        }
        readAhead(1);
        readAhead(0);
        readAhead(1);
        assertBrings(0);
    }
}
