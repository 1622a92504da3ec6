package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Engine;
import java.nio.file.Path;

/** Writes soups with a test's own engine, replacing existing outputs. */
final class Soups {
    private Soups() {}

    static Checkpoint write(Soup soup, Path out, Engine engine) throws InterruptedException {
        return write(soup, out, WriteOptions.defaults(), engine);
    }

    static Checkpoint write(Soup soup, Path out, WriteOptions options, Engine engine) throws InterruptedException {
        return soup.mixture().write(out, options, true, engine);
    }
}
