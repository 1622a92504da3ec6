package dev.stockpot.engine.pass;

import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Divergence;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.Drop;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.KernelMemory;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.memory.Memory;
import java.nio.ByteBuffer;

/** Kernels whose memory runs out at one allocation, and that know what was not freed. */
final class CountedKernels implements Kernels {
    private final Kernels kernels = new JavaKernels();
    private final int failing;
    private final long most;
    private int allocations;
    private int held;
    private long bytes;
    private long mostBytes;

    /**
     * @param failing the number of the allocation that fails, from 0
     * @param most what a pass is told that it may take
     */
    CountedKernels(int failing, long most) {
        this.failing = failing;
        this.most = most;
    }

    /** How many allocations there were. */
    synchronized int allocations() {
        return allocations;
    }

    /** How many are not closed yet. */
    synchronized int held() {
        return held;
    }

    /** The most bytes that were allocated at a time. */
    synchronized long mostBytes() {
        return mostBytes;
    }

    @Override
    public String name() {
        return "counted";
    }

    @Override
    public KernelMemory memory() {
        return new KernelMemory() {
            @Override
            public Memory allocate(long size) {
                return counted(size);
            }

            @Override
            public long most() {
                return most;
            }
        };
    }

    private synchronized Memory counted(long size) {
        if (allocations++ == failing) {
            throw new OutOfMemoryError("no memory for " + size + " bytes");
        }
        held++;
        bytes += size;
        mostBytes = Math.max(mostBytes, bytes);
        Memory real = kernels.memory().allocate(size);
        return new Memory() {
            private boolean closed;

            @Override
            public long size() {
                return real.size();
            }

            @Override
            public long address() {
                return 0;
            }

            @Override
            public boolean isWritable() {
                return true;
            }

            @Override
            public ByteBuffer slice(long offset, int length) {
                return real.slice(offset, length);
            }

            @Override
            public void close() {
                free(closed, size);
                closed = true;
            }
        };
    }

    private synchronized void free(boolean again, long size) {
        if (again) {
            throw new IllegalStateException("closed twice");
        }
        held--;
        bytes -= size;
    }

    @Override
    public boolean mix(Mix mix) {
        return kernels.mix(mix);
    }

    @Override
    public void dot(Dot dot, double[] sums) {
        kernels.dot(dot, sums);
    }

    @Override
    public long drop(Drop drop, double[] sums) {
        return kernels.drop(drop, sums);
    }

    @Override
    public void divergence(Divergence call, double[] states) {
        kernels.divergence(call, states);
    }

    @Override
    public boolean compute(Calculation call, double[] sums, long[] counts) {
        return kernels.compute(call, sums, counts);
    }
}
