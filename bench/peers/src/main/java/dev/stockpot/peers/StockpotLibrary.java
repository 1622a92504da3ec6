package dev.stockpot.peers;

import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.run.Run;
import java.nio.file.Path;
import java.util.List;

/** Stockpot's library. Its output is not made durable; nor is any peer's. */
final class StockpotLibrary implements Peer {
    @Override
    public void average(List<Path> models, Path out, int threads) throws InterruptedException {
        Run run = Run.builder().threads(threads).overwrite(true).build();
        WriteOptions passing = WriteOptions.builder().durable(false).build();
        Stockpot.uniform(models).write(out, passing, run);
    }
}
