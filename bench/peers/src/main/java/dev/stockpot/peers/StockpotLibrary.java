package dev.stockpot.peers;

import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.run.MixListener;
import java.nio.file.Path;
import java.util.List;

/** Stockpot's library, its output not made durable, as nobody's here is. */
final class StockpotLibrary implements Peer {
    @Override
    public void average(List<Path> models, Path out, int threads) throws InterruptedException {
        EngineSettings best = Stockpot.settings();
        EngineSettings settings = new EngineSettings(best.kernels(), threads, best.io(), best.tileBytes());
        WriteOptions passing = new WriteOptions(true, Long.MAX_VALUE, false);
        Stockpot.uniform(models).write(out, passing, settings, MixListener.silent());
    }
}
