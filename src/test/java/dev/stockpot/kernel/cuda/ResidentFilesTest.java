package dev.stockpot.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Where files are on the card, and what they take there. */
class ResidentFilesTest extends EmulatedCard {
    private static final int ELEMENTS = 40_000;
    private static final CudaOptions KEEPING = new CudaOptions(0, 160 << 20, true);

    private static byte[] mix(Kernels kernels, List<Operand> sources, DType out, double[] weights) {
        Operand result = new Operand(out, Memory.of(ByteBuffer.allocate((int) out.bytes(ELEMENTS))), 0);
        kernels.mix(new Mix(result, sources, ELEMENTS, weights, 3));
        return bytes(result, ELEMENTS);
    }

    /** Mixes {@code count} files whose values begin at {@code from}; returns the kernels' loads and stores. */
    private static long accesses(CudaKernels cuda, DType dtype, DType out, int count, long from, long skipped) {
        List<Operand> kept = new ArrayList<>();
        List<Operand> plain = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            CountedFile file = new CountedFile((int) (from + skipped + dtype.bytes(ELEMENTS)), from);
            // Without the upper bit of exponents all is finite: what is not costs an access more, to say so.
            for (int i = 0; i < file.bytes.capacity(); i++) {
                file.bytes.put(i, (byte) (file.bytes.get(i) & 0xBF));
            }
            plain.add(new Operand(dtype, Memory.of(file.bytes), from + skipped));
            // One in seven is not on the card.
            Memory memory = k % 7 == 6
                    ? Memory.of(file.bytes)
                    : cuda.memory().keep(file, from + skipped, dtype.bytes(ELEMENTS));
            kept.add(new Operand(dtype, assertNotNull(memory), from + skipped));
        }
        double[] weights = count % 2 == 0 ? null : new Random(5).doubles(count).toArray();
        long before = CudaEmulator.accesses();
        byte[] actual = mix(cuda, kept, out, weights);
        long accesses = CudaEmulator.accesses() - before;
        assertArrayEquals(mix(new JavaKernels(), plain, out, weights), actual);
        return accesses;
    }

    private static Memory assertNotNull(Memory memory) {
        assertTrue(memory != null, "the card keeps the file");
        return memory;
    }

    /** Wherever a header ends, and wherever a tile begins. */
    @Test
    void keptValuesAreMovedSixteenBytesAtATime() {
        for (DType dtype : List.of(DType.BF16, DType.F8_E4M3, DType.F32, DType.F64)) {
            for (long from : new long[] {0, 8, 1112, 4096, 777}) {
                for (long skipped : new long[] {0, 8, 24, 4000}) {
                    try (CudaKernels cuda = CudaKernels.open(KEEPING)) {
                        long moved = 4 * dtype.bytes(ELEMENTS) / 16;
                        long accesses = accesses(cuda, dtype, dtype, 3, from, skipped);
                        String what = dtype + " from " + from + ", " + skipped + " skipped: " + accesses + " accesses";
                        // Before the first whole vector and behind the last, elements are moved one by one.
                        assertTrue(accesses <= moved + 4 * 40, () -> what + ", at best " + moved);
                    }
                }
            }
        }
    }

    @Test
    void alignedOrNotTheBitsAreThoseOfOtherKernels() {
        Random random = new Random(7);
        for (DType dtype : List.of(DType.BF16, DType.F8_E5M2, DType.F32, DType.F64)) {
            for (int count : new int[] {2, 8, 70}) {
                try (CudaKernels cuda = CudaKernels.open(KEEPING)) {
                    DType out = List.of(DType.F16, dtype, DType.F64).get(random.nextInt(3));
                    accesses(cuda, dtype, out, count, random.nextInt(40), random.nextInt(40));
                    accesses(cuda, dtype, out, count, 8, 8);
                }
            }
        }
    }

    @Test
    void manyFilesOfAnySizeStayWithinTheirShareAsTheDriverCountsIt() {
        Random random = new Random(8);
        for (long memory : new long[] {2 << 20, 3 << 20, 5 << 20, 20 << 20, 33 << 20}) {
            long before = CudaEmulator.inUse();
            CudaEmulator.leaveFree(1 << 30);
            try (CudaKernels cuda = CudaKernels.open(new CudaOptions(0, memory, true))) {
                long bytes = 0;
                for (int n = 0; n < 300; n++) {
                    CountedFile file =
                            new CountedFile(n % 10 == 9 ? random.nextInt(3 << 20) : 1 + random.nextInt(9000), 8 * n);
                    bytes += cuda.memory().keep(file, 0, file.size()) == null ? 0 : file.size();
                }
                // Takes all lanes as well.
                Operand value = operand(cuda, random, DType.F32, 200_000);
                List.of(1, 2, 3, 4, 5, 6, 7, 8).parallelStream()
                        .forEach(n -> cuda.mix(new Mix(
                                new Operand(DType.F32, Memory.of(ByteBuffer.allocate(800_000)), 0),
                                List.of(value, value),
                                200_000,
                                null,
                                n)));
                long used = CudaEmulator.peak() - before;
                assertTrue(used <= memory, () -> used + " bytes of " + memory);
                long kept = bytes;
                assertTrue(kept >= cuda.residentMemory() / 2 - (4 << 20), () -> kept + " bytes kept of " + memory);
            }
        }
    }

    /** With one lane, a mix would otherwise wait for the disk. */
    @Test
    void otherThreadsMixWhileAFileIsRead() {
        try (CudaKernels cuda = CudaKernels.open(new CudaOptions(0, 4 << 20, true))) {
            Operand value = operand(cuda, new Random(9), DType.F32, ELEMENTS);
            CountedFile slow = new CountedFile(100_000) {
                @Override
                public void read(long offset, ByteBuffer into) {
                    byte[] mixed = CompletableFuture.supplyAsync(() -> mix(cuda, List.of(value), DType.F32, null))
                            .orTimeout(20, TimeUnit.SECONDS)
                            .join();
                    assertTrue(mixed.length > 0);
                    super.read(offset, into);
                }
            };
            assertNotNull(cuda.memory().keep(slow, 0, slow.size()));
        }
    }
}
