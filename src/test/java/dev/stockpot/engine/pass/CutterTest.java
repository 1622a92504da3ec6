package dev.stockpot.engine.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.engine.Average;
import dev.stockpot.engine.Copy;
import dev.stockpot.engine.SourceSpans;
import dev.stockpot.engine.Stretch;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random tensors, cut into tiles of random lengths: every element once, in order, in tiles that fit and end where they should. */
class CutterTest {
    private static final List<DType> TYPES = List.of(DType.F64, DType.F32, DType.BF16, DType.F8_E4M3);

    private final Random random = new Random(1);

    /** Tensors of several outputs, some of them next to each other and some not. */
    private List<Stretch> stretches() {
        List<Stretch> all = new ArrayList<>();
        int output = 0;
        long at = 0;
        long from = 0;
        for (int n = 1 + random.nextInt(20); n > 0; n--) {
            if (random.nextInt(5) == 0) {
                output++;
                at = 0;
            }
            at += random.nextInt(3) == 0 ? 8 * random.nextInt(10) : 0;
            DType in = TYPES.get(random.nextInt(TYPES.size()));
            boolean copied = random.nextInt(4) == 0;
            DType out = copied ? DType.U8 : TYPES.get(random.nextInt(TYPES.size()));
            long elements = random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(3000);
            TensorInfo source = new TensorInfo(
                    "t" + n,
                    copied ? DType.U8 : in,
                    List.of(elements),
                    new FileSource(Path.of("a")),
                    from,
                    (copied ? DType.U8 : in).bytes(elements));
            all.add(Stretch.of(output, at, out, SourceSpans.of(List.of(source)), copied ? Copy.BYTES : Average.SUM));
            at = all.get(all.size() - 1).end();
            from += source.bytes();
        }
        return all;
    }

    @Test
    void everyElementIsInOneTileInOrder() {
        for (int n = 0; n < 2000; n++) {
            List<Stretch> tasks = stretches();
            long tileBytes = 64L * (1 + random.nextInt(50));
            Cutter cutter = new Cutter(tasks, tileBytes);
            int task = 0;
            long done = 0;
            for (Piece piece = cutter.next(); piece != null; piece = cutter.next()) {
                Piece.Tile tile = (Piece.Tile) piece;
                long at = tile.offset();
                for (Stretch part : tile.parts()) {
                    while (done == tasks.get(task).elements()) {
                        task++;
                        done = 0;
                    }
                    assertEquals(tasks.get(task).slice(done, part.elements()), part);
                    assertEquals(tile.output(), part.output());
                    assertEquals(at, part.offset(), "parts are next to each other");
                    done += part.elements();
                    at = part.end();
                }
                assertEquals(tile.offset() + tile.bytes(), at);
                checkLength(tile, tasks.get(task), done, tileBytes);
            }
            while (task < tasks.size() && done == tasks.get(task).elements()) {
                task++;
                done = 0;
            }
            assertEquals(tasks.size(), task, "nothing is left");
            assertNull(cutter.next());
        }
    }

    /** No more than a tile in any type; and one that ends within a stretch ends at a multiple of its length. */
    private static void checkLength(Piece.Tile tile, Stretch last, long done, long tileBytes) {
        long widest = 0;
        for (Stretch part : tile.parts()) {
            widest += (part.elements() * part.widestBits() + 7) / 8;
        }
        assertTrue(widest <= tileBytes, widest + " bytes in a tile of " + tileBytes);
        Stretch first = tile.parts().get(0);
        boolean even = tile.parts().stream().allMatch(p -> p.offset() % 8 == 0 && ratio(p) == ratio(first));
        long length = tileBytes * first.dtype().bits() / first.widestBits();
        if (done < last.elements() && even && length % 8 == 0) {
            assertEquals(0, (tile.offset() + tile.bytes()) % length, "the end of " + tile + " of " + length);
        }
    }

    private static double ratio(Stretch part) {
        return (double) part.dtype().bits() / part.widestBits();
    }
}
