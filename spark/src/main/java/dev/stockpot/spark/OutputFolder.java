package dev.stockpot.spark;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.StockpotException;
import dev.stockpot.soup.SoupFiles;
import dev.stockpot.spark.store.Stores;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.lib.output.FileOutputFormat;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/** The folder of an output, which a job fills with weights and the driver completes. */
final class OutputFolder {
    private final java.nio.file.Path path;
    private final Path folder;
    private final FileSystem system;
    private final Configuration configuration;

    private OutputFolder(java.nio.file.Path path, Path folder, FileSystem system, Configuration configuration) {
        this.path = path;
        this.folder = folder;
        this.system = system;
        this.configuration = configuration;
    }

    /**
     * An output that does not exist yet.
     *
     * @throws CheckpointException if it does, or its store cannot be reached
     */
    static OutputFolder create(String name, Configuration given) {
        Configuration configuration = new Configuration(given);
        configuration.set("fs.s3a.input.stream.type", "classic");
        // S3 has no rename: what a task writes becomes visible when the job is committed, where it was written.
        configuration.setIfUnset(
                "mapreduce.outputcommitter.factory.scheme.s3a", "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory");
        if (configuration.get("fs.s3a.committer.name", "file").equals("file")) {
            configuration.set("fs.s3a.committer.name", "magic");
        }
        // Without files of checksums beside those of a model.
        configuration.set("fs.file.impl", "org.apache.hadoop.fs.RawLocalFileSystem");
        configuration.setBoolean("fs.file.impl.disable.cache", true);
        // A model has no such file.
        configuration.setBoolean("mapreduce.fileoutputcommitter.marksuccessfuljobs", false);
        java.nio.file.Path path = new Stores(configuration).path(name);
        try {
            Path folder = new Path(name);
            FileSystem system = folder.getFileSystem(configuration);
            if (system.exists(folder)) {
                throw exists(path, null);
            }
            return new OutputFolder(path, system.makeQualified(folder), system, configuration);
        } catch (IOException e) {
            throw CheckpointException.unwritable(path, e);
        }
    }

    private static CheckpointException exists(java.nio.file.Path path, Throwable cause) {
        return new CheckpointException(
                Reason.EXISTS,
                path,
                "exists already",
                Details.of().cause(cause).hint("choose another output, or remove it first"));
    }

    /** Its path, as messages name it. */
    java.nio.file.Path path() {
        return path;
    }

    /**
     * Has executors make the weights, a task each.
     *
     * @throws StockpotException what a task failed with, at its last attempt
     * @throws InterruptedException if the thread is interrupted
     */
    void runJob(JavaSparkContext spark, List<SoupFiles.Weights> weights, FileMaker maker)
            throws IOException, InterruptedException {
        Job job = Job.getInstance(configuration);
        job.setOutputKeyClass(Void.class);
        job.setOutputValueClass(ShardFormat.Shard.class);
        job.setOutputFormatClass(ShardFormat.class);
        FileOutputFormat.setOutputPath(job, folder);
        List<Integer> files = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (SoupFiles.Weights file : weights) {
            files.add(files.size());
            names.add(file.name());
        }
        Callable<Void> saving = () -> {
            spark.parallelize(files, files.size())
                    .mapToPair(file -> new Tuple2<Void, ShardFormat.Shard>(
                            null, new ShardFormat.Shard(names.get(file), file, maker)))
                    .saveAsNewAPIHadoopDataset(job.getConfiguration());
            return null;
        };
        try {
            Failures.told(saving, (why, details) -> new CheckpointException(Reason.UNWRITABLE, path, why, details));
        } catch (StockpotException e) {
            removeIfEmpty();
            throw e;
        }
    }

    /** A job that failed leaves nothing but the folder itself, unless it failed as it was being committed. */
    private void removeIfEmpty() throws IOException {
        if (system.exists(folder) && system.listStatus(folder).length == 0) {
            system.delete(folder, false);
        }
    }

    /**
     * Checks, whatever the committer did, that all weights are there.
     *
     * @throws CheckpointException if one is missing, or is not as long as it should be
     */
    void check(List<SoupFiles.Weights> weights) throws IOException {
        for (SoupFiles.Weights file : weights) {
            Path written = new Path(folder, file.name());
            FileStatus found = system.exists(written) ? system.getFileStatus(written) : null;
            if (found == null || found.getLen() != file.bytes()) {
                throw new CheckpointException(
                        Reason.UNWRITABLE,
                        path,
                        "is not complete: " + file.name() + " should have " + file.bytes() + " bytes but "
                                + (found == null ? "is missing" : "has " + found.getLen()));
            }
        }
    }

    /** Writes a small file, and replaces none. */
    void write(String name, byte[] content) throws IOException {
        try (OutputStream out = system.create(new Path(folder, name), false)) {
            out.write(content);
        } catch (FileAlreadyExistsException | org.apache.hadoop.fs.FileAlreadyExistsException e) {
            throw exists(path.resolve(name), e);
        }
    }
}
