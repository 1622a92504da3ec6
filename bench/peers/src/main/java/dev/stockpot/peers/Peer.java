package dev.stockpot.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One way to average checkpoints whose tensors agree. */
interface Peer {
    /** Averages {@code models} in equal parts into {@code out}, with {@code threads} threads if it can use them. */
    void average(List<Path> models, Path out, int threads) throws IOException, InterruptedException;

    /** Opens all files. */
    static List<ModelFile> open(List<Path> models) throws IOException {
        List<ModelFile> files = new ArrayList<>();
        for (Path model : models) {
            files.add(new ModelFile(model));
        }
        return files;
    }

    /** Whether a type is averaged here; others are taken from the first model. */
    static boolean isFloat(ModelFile.Entry entry) {
        return entry.dtype().equals("F32")
                || entry.dtype().equals("F16")
                || entry.dtype().equals("BF16");
    }
}
