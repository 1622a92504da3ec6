package dev.stockpot.engine.pass;

import dev.stockpot.engine.Combination;
import dev.stockpot.engine.Elements;
import dev.stockpot.engine.MixPlan;
import dev.stockpot.engine.MixPlan.Placed;
import dev.stockpot.engine.Stretch;
import dev.stockpot.kernel.Operand;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A sink that keeps, of each {@linkplain MixPlan#parts part} of a plan, how many of its elements are not finite. */
final class FiniteSink implements OutputSink {
    private final OutputSink sink;
    /** Each with the sources that its own elements are made from. */
    private final List<Placed> tensors;

    private final boolean stops;
    private final SortedMap<Integer, NotFinite> found = new TreeMap<>();

    /** Ends a pass at the first tensor that is not finite. */
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;

        Stopped() {
            super("a result is not finite", null, false, false);
        }
    }

    /**
     * @param plan what is made
     * @param stops whether the first that is found ends the pass, by {@link Stopped}
     */
    FiniteSink(MixPlan plan, OutputSink sink, boolean stops) {
        this.sink = sink;
        this.tensors = plan.parts();
        this.stops = stops;
    }

    /** The plan's parts. */
    List<Placed> parts() {
        return tensors;
    }

    /** What was found, by the parts' places among all; once the pass has ended. */
    synchronized SortedMap<Integer, NotFinite> found() {
        return found;
    }

    @Override
    public void write(int output, long offset, ByteBuffer bytes) throws IOException {
        sink.write(output, offset, bytes);
    }

    @Override
    public ByteBuffer place(int output, long offset, int length) {
        return sink.place(output, offset, length);
    }

    @Override
    public void stop() {
        sink.stop();
    }

    @Override
    public void notFinite(Stretch part, Elements in, Operand out) {
        if (!(part.how() instanceof Combination how)) {
            return;
        }
        for (int t = first(part); t < tensors.size() && begins(tensors.get(t), part) < part.end(); t++) {
            Placed tensor = tensors.get(t);
            long from = Math.max(0, elements(tensor.offset() - part.offset(), part));
            long to = Math.min(
                    in.count(), elements(tensor.offset() + tensor.tensor().bytes() - part.offset(), part));
            if (from < to) {
                add(t, FiniteCheck.of(how, in.slice(from, to - from), out.from(from)));
            }
        }
    }

    private static long elements(long bytes, Stretch part) {
        return bytes * 8 / part.dtype().bits();
    }

    /** Where a tensor begins in the output of {@code part}; past all if that is another one. */
    private static long begins(Placed tensor, Stretch part) {
        return tensor.output() == part.output() ? tensor.offset() : Long.MAX_VALUE;
    }

    /** The last tensor that begins at or before {@code part}; a plan has them in their order there. */
    private int first(Stretch part) {
        int low = 0;
        int above = tensors.size();
        while (above - low > 1) {
            int middle = (low + above) >>> 1;
            Placed tensor = tensors.get(middle);
            boolean before = tensor.output() < part.output()
                    || tensor.output() == part.output() && tensor.offset() <= part.offset();
            low = before ? middle : low;
            above = before ? above : middle;
        }
        return low;
    }

    private void add(int tensor, NotFinite some) {
        if (some.isEmpty()) {
            return;
        }
        synchronized (this) {
            NotFinite known = found.putIfAbsent(tensor, some);
            if (known != null) {
                known.add(some);
            }
        }
        if (stops) {
            throw new Stopped();
        }
    }
}
