package dev.stockpot.spark;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;

/** Makes the files of an output in tasks; the driver sends it to them. */
@FunctionalInterface
interface FileMaker extends Serializable {
    /**
     * Makes one file, from its first byte to its last.
     *
     * @param file its place among the files
     * @param out is left open
     * @param configuration of the stores
     */
    void write(int file, OutputStream out, Configuration configuration) throws IOException, InterruptedException;
}
