package dev.stockpot.checkpoint.gguf;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.spool.Gather;
import dev.stockpot.checkpoint.spool.Spool;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One file, and where its tensors can be read.
 *
 * @param source the file, in the version that was opened
 * @param tensors in the order of the header's
 * @param copied the copy of those that are not read in place, if any
 */
record GgufFile(
        FileSource source, long bytes, GgufHeader header, List<TensorInfo> tensors, Optional<Closeable> copied) {
    /**
     * Reads the header of {@code file}.
     *
     * @throws CheckpointException if it is damaged, or has a type that is not read
     */
    static GgufFile read(Path file) {
        try (RandomFile in = RandomFile.open(file);
                Spool spool = new Spool(in)) {
            GgufHeader header = GgufHeader.read(file, in);
            List<TensorInfo> tensors = new ArrayList<>(header.tensors().size());
            for (GgufHeader.Info info : header.tensors()) {
                tensors.add(tensor(info, header.bigEndian(), in.source(), spool));
            }
            in.checkUnchanged();
            return new GgufFile(in.source(), in.size(), header, tensors, spool.keep());
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }

    private static TensorInfo tensor(GgufHeader.Info info, boolean bigEndian, Source source, Spool spool)
            throws IOException {
        GgufType type = info.type();
        long elements = 1;
        for (long size : info.shape()) {
            elements *= size;
        }
        long bytes = type.dtype().bytes(elements);
        boolean swaps = bigEndian && type.dtype().bits() > 8;
        if (bytes == 0 || !type.isQuantised() && !swaps) {
            return new TensorInfo(info.name(), type.dtype(), info.shape(), source, info.offset(), bytes);
        }
        long at = spool.reserve(bytes);
        if (type.isQuantised()) {
            spool.later(new Decoding(type, bigEndian, info.offset(), info.bytes(), at));
        } else {
            long[] all = {elements};
            long[] one = {1};
            int width = type.dtype().bits() / 8;
            spool.later((checkpoint, into) -> Gather.copy(checkpoint, info.offset(), all, one, width, true, into, at));
        }
        return new TensorInfo(info.name(), type.dtype(), info.shape(), new FileSource(spool.file()), at, bytes);
    }
}
