package dev.stockpot.peers;

import dev.stockpot.generate.Architecture;
import dev.stockpot.generate.CheckpointGenerator;
import dev.stockpot.generate.ModelShape;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * {@code Main PEER THREADS OUT MODEL...}: averages once in this process, or only moves the bytes, and prints the seconds from
 * opening the first file to closing the output. Two models of 1 MB are averaged first, so that the seconds exclude
 * loading libtorch and Java classes.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Peer peer = peer(arguments[0]);
        int threads = Integer.parseInt(arguments[1]);
        Path out = Path.of(arguments[2]);
        List<Path> models =
                Arrays.stream(arguments, 3, arguments.length).map(Path::of).toList();
        warmUp(peer, threads, out);
        long start = System.nanoTime();
        peer.average(models, out, threads);
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(Locale.ROOT, "{\"peer\":\"%s\",\"seconds\":%.6f}%n", arguments[0], seconds);
    }

    private static void warmUp(Peer peer, int threads, Path out) throws IOException, InterruptedException {
        Path small = out.resolveSibling(out.getFileName() + ".small.safetensors");
        Path soup = out.resolveSibling(out.getFileName() + ".warm.safetensors");
        ModelShape shape = ModelShape.like(Architecture.BERT_BASE, DType.BF16, 1_000_000);
        new CheckpointGenerator(shape, 1).write(small, 1);
        peer.average(List.of(small, small), soup, threads);
        Files.delete(small);
        Files.deleteIfExists(soup);
    }

    static Peer peer(String name) {
        return switch (name) {
            case "stockpot" -> new StockpotLibrary();
            case "plain-java" -> new PlainJava();
            case "torch-by-tensor" -> new TorchByTensor();
            case "torch-by-model" -> new TorchByModel();
            case "paper-loop" -> new PaperLoop();
            case "mapped-read" -> PlainTransfers::mappedRead;
            case "cached-transfer" -> PlainTransfers::cached;
            case "direct-transfer" -> PlainTransfers::direct;
            default -> throw new IllegalArgumentException("no such peer: " + name);
        };
    }
}
