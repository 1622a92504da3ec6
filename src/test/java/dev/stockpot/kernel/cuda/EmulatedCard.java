package dev.stockpot.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Operand;
import dev.stockpot.kernel.RandomElements;
import dev.stockpot.kernel.SourceFile;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An emulated card for each test, on which the test must leave nothing. */
public abstract class EmulatedCard {
    static final long SMALL = CudaLanes.SMALLEST;

    protected long live;

    protected long violations;

    @BeforeEach
    public final void count() {
        assumeTrue(CudaEmulator.isAvailable(), "the native library is not built");
        CudaEmulator.setDevices(1);
        CudaEmulator.leaveFree(1 << 30);
        live = CudaEmulator.live();
        violations = CudaEmulator.violations();
    }

    @AfterEach
    public final void nothingIsLeftAndNothingWasWrong() {
        if (CudaEmulator.isAvailable()) {
            CudaEmulator.fail(0, 0);
            CudaEmulator.setDevices(0);
            CudaEmulator.setVersion(13000);
            CudaEmulator.leaveFree(1 << 30);
            assertEquals(live, CudaEmulator.live());
            assertEquals(violations, CudaEmulator.violations());
        }
    }

    static Operand operand(Kernels kernels, Random random, DType dtype, int elements) {
        ByteBuffer bytes = RandomElements.fill(random, dtype, elements, 3);
        Memory memory = kernels.memory().allocate(bytes.capacity());
        memory.slice(0, bytes.capacity()).put(bytes);
        return new Operand(dtype, memory, 3);
    }

    /** Like {@link #operand}, of values whose sums are finite. */
    static Operand finite(Kernels kernels, Random random, DType dtype, int elements) {
        ByteBuffer bytes = RandomElements.finite(random, dtype, elements, 3);
        Memory memory = kernels.memory().allocate(bytes.capacity());
        memory.slice(0, bytes.capacity()).put(bytes);
        return new Operand(dtype, memory, 3);
    }

    static byte[] bytes(Operand operand, int elements) {
        byte[] bytes = new byte[(int) operand.dtype().bytes(elements)];
        operand.memory().slice(operand.offset(), bytes.length).get(bytes);
        return bytes;
    }

    /** A file of pseudo-random bytes that counts the bytes read from it. */
    static class CountedFile implements SourceFile {
        final ByteBuffer bytes;
        final AtomicLong read = new AtomicLong();

        final long valuesFrom;

        CountedFile(int size) {
            this(size, 0);
        }

        CountedFile(int size, long valuesFrom) {
            this.valuesFrom = valuesFrom;
            byte[] values = new byte[size];
            new Random(3).nextBytes(values);
            bytes = ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN);
        }

        /** A file of BF16 values whose sums are finite. */
        static CountedFile finite(int elements) {
            CountedFile file = new CountedFile(2 * elements);
            file.bytes.duplicate().put(RandomElements.finite(new Random(3), DType.BF16, elements, 0));
            return file;
        }

        @Override
        public Object version() {
            return this;
        }

        @Override
        public long size() {
            return bytes.capacity();
        }

        @Override
        public long valuesFrom() {
            return valuesFrom;
        }

        @Override
        public void read(long offset, ByteBuffer into) {
            read.addAndGet(into.remaining());
            into.put(bytes.slice((int) offset, into.remaining()));
        }
    }
}
