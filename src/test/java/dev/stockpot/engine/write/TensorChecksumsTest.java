package dev.stockpot.engine.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.zip.CrcShift;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TensorChecksumsTest {
    private static int crc32(byte[] bytes, int from, int to) {
        CRC32 sum = new CRC32();
        sum.update(bytes, from, to - from);
        return (int) sum.getValue();
    }

    private static FileLayout.Placement place(int from, int to) {
        return new FileLayout.Placement("t" + from, DType.U8, List.of((long) to - from), from, to - from);
    }

    /** Tensors with and without gaps between them, some empty, written in parts that ignore the tensors' bounds. */
    @Property(tries = 300)
    void equalTheDirectChecksumsInWhateverPiecesAndOrderTheBytesCome(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 20) int count) {
        Random random = new Random(seed);
        List<FileLayout.Placement> tensors = new ArrayList<>();
        int at = 0;
        for (int k = 0; k < count; k++) {
            int from = at + (random.nextBoolean() ? 0 : random.nextInt(100));
            at = from + (random.nextInt(4) == 0 ? 0 : random.nextInt(3000));
            tensors.add(place(from, at));
        }
        byte[] file = new byte[at];
        random.nextBytes(file);
        List<int[]> pieces = new ArrayList<>();
        for (int from = 0; from < file.length; ) {
            int to = Math.min(file.length, from + 1 + random.nextInt(1000));
            pieces.add(new int[] {from, to});
            from = to;
        }
        Collections.shuffle(pieces, random);
        TensorChecksums sums = new TensorChecksums(tensors);
        for (int[] piece : pieces) {
            ByteBuffer bytes = ByteBuffer.wrap(file, piece[0], piece[1] - piece[0]);
            sums.add(piece[0], bytes);
            assertEquals(piece[1] - piece[0], bytes.remaining(), "the buffer is still to be written");
        }
        int[] expected = tensors.stream()
                .mapToInt(t -> crc32(file, (int) t.offset(), (int) t.end()))
                .toArray();
        assertArrayEquals(expected, sums.values());
    }

    /** No buffer holds that many bytes, so two shifts are compared with one. */
    @Test
    void aShiftOverManyBytesEqualsShiftsOverFewerOfThem() {
        int crc = crc32(new byte[] {'a'}, 0, 1);
        assertEquals(crc, CrcShift.over(crc, 0));
        for (long bytes : new long[] {1, 255, 1L << 32, (5L << 32) + 12345, Long.MAX_VALUE / 4}) {
            assertEquals(CrcShift.over(CrcShift.over(crc, bytes), bytes + 7), CrcShift.over(crc, 2 * bytes + 7));
        }
    }
}
