package dev.stockpot.spark;

import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;

class SoupOnDiskTest extends SparkSoupTest {
    @Override
    String start(Path files, Configuration configuration) {
        return files.toUri().toString();
    }
}
