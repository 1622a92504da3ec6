package dev.stockpot.engine.stream;

import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.file.FileLayout.Placement;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixPlan;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.pass.FinitePass;
import dev.stockpot.engine.pass.OutputSink;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A file that is written from its first byte to its last. The threads of a pass make its tiles side by side; one that is done
 * before its turn waits, so no more is kept than each thread's own tile.
 */
public final class StreamedFile implements OutputSink {
    private static final int BLOCK = 1 << 16;

    private final OutputStream out;
    private final byte[] block = new byte[BLOCK];
    private long written;
    private boolean stopped;

    private StreamedFile(OutputStream out, byte[] header) throws IOException {
        this.out = out;
        out.write(header);
        this.written = header.length;
    }

    /**
     * Makes a file's tensors and writes it.
     *
     * @param layout of a file whose values follow its header without gaps
     * @param tensors by name, at least those that it places
     * @param names what the sources are in, for messages
     * @param out is flushed, and left open; after an exception it has a part of the file
     * @throws dev.stockpot.error.StockpotException as {@link FinitePass#run} does
     * @throws IOException if {@code out} fails
     * @throws InterruptedException if the calling thread was interrupted; no thread is left running
     */
    public static void write(
            FileLayout layout,
            Map<String, MixTensor> tensors,
            Function<TensorInfo, Path> names,
            OutputStream out,
            Engine engine)
            throws IOException, InterruptedException {
        List<MixPlan.Placed> placed = new ArrayList<>(layout.tensors().size());
        long end = layout.header().length;
        for (Placement place : layout.tensors()) {
            if (place.offset() != end) {
                throw new IllegalArgumentException(layout.name() + " has a gap before " + place.name());
            }
            placed.add(new MixPlan.Placed(tensors.get(place.name()), 0, place.offset()));
            end = place.end();
        }
        if (layout.seal() != null || end != layout.bytes()) {
            throw new IllegalArgumentException(layout.name() + " is not complete with its values");
        }
        FinitePass.run(new MixPlan(placed), new StreamedFile(out, layout.header()), engine, names);
        out.flush();
    }

    @Override
    public synchronized void write(int output, long offset, ByteBuffer bytes) throws IOException {
        while (written != offset && !stopped) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("cancelled");
            }
        }
        if (stopped) {
            return;
        }
        while (bytes.hasRemaining()) {
            int count = Math.min(block.length, bytes.remaining());
            bytes.get(block, 0, count);
            out.write(block, 0, count);
            written += count;
        }
        notifyAll();
    }

    @Override
    public synchronized void stop() {
        stopped = true;
        notifyAll();
    }
}
