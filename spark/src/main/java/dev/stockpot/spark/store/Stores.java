package dev.stockpot.spark.store;

import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;

/**
 * Names of files as paths, wherever the files are: those of the scheme {@code file}, or of none where that is the default, on
 * the system's own file system, where files are mapped; all others through Hadoop. Thread-safe.
 */
public final class Stores {
    private final Configuration configuration;
    private final Map<URI, StoreFileSystem> systems = new ConcurrentHashMap<>();

    /** @param configuration with the addresses and credentials of the stores; it is not changed */
    public Stores(Configuration configuration) {
        this.configuration = new Configuration(configuration);
        // The one that reads what it is asked for; others guess by the files' names, and keep what they guessed.
        this.configuration.set("fs.s3a.input.stream.type", "classic");
    }

    /**
     * The path of a name.
     *
     * @throws SoupException if there is no such store, or it cannot be reached
     */
    public Path path(String name) {
        try {
            org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(name);
            org.apache.hadoop.fs.FileSystem system = path.getFileSystem(configuration);
            URI whole = system.makeQualified(path).toUri();
            if (whole.getScheme().equals("file")) {
                return Path.of(whole.getPath());
            }
            String authority = whole.getAuthority() == null ? "" : whole.getAuthority();
            return systems.computeIfAbsent(
                            URI.create(whole.getScheme() + "://" + authority),
                            store -> new StoreFileSystem(store, system))
                    .getPath(whole.getPath());
        } catch (IOException | IllegalArgumentException e) {
            throw new SoupException(
                    Reason.UNREADABLE,
                    name + ": its store cannot be reached: " + e.getMessage(),
                    Details.of().cause(e));
        }
    }
}
