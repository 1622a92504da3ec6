package dev.stockpot.peers;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * {@code Main PEER THREADS OUT MODEL...}: averages once in this process, and prints the seconds from opening the first file
 * to closing the output. What is loaded before (the JVM, libtorch) is not in them.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Peer peer = peer(arguments[0]);
        int threads = Integer.parseInt(arguments[1]);
        Path out = Path.of(arguments[2]);
        List<Path> models =
                Arrays.stream(arguments, 3, arguments.length).map(Path::of).toList();
        long start = System.nanoTime();
        peer.average(models, out, threads);
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(Locale.ROOT, "{\"peer\":\"%s\",\"seconds\":%.6f}%n", arguments[0], seconds);
    }

    private static Peer peer(String name) {
        Peer peer = switch (name) {
            case "stockpot" -> new StockpotLibrary();
            case "plain-java" -> new PlainJava();
            case "torch-by-tensor" -> new TorchByTensor();
            case "torch-by-model" -> new TorchByModel();
            case "paper-loop" -> new PaperLoop();
            default -> throw new IllegalArgumentException("no such peer: " + name);
        };
        if (name.startsWith("torch") || name.equals("paper-loop")) {
            // Loads the library, which is no part of the work.
            org.bytedeco.pytorch.global.torch.set_num_threads(1);
        }
        return peer;
    }
}
