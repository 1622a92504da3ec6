package dev.stockpot.spark;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.RecordWriter;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.lib.output.FileOutputFormat;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitter;

/** Files of given names, each written to where its task's committer wants it. Public for Hadoop, which makes one by its name. */
public final class ShardFormat extends FileOutputFormat<Void, ShardFormat.Shard> {
    /**
     * A file that is to be made.
     *
     * @param name its path in the output's folder
     * @param place among the output's files
     */
    record Shard(String name, int place, FileMaker maker) {}

    @Override
    public RecordWriter<Void, Shard> getRecordWriter(TaskAttemptContext context) throws IOException {
        Path folder = ((PathOutputCommitter) getOutputCommitter(context)).getWorkPath();
        return new RecordWriter<>() {
            @Override
            public void write(Void key, Shard shard) throws IOException, InterruptedException {
                Configuration configuration = context.getConfiguration();
                Path file = new Path(folder, shard.name());
                try (OutputStream out = file.getFileSystem(configuration).create(file, true)) {
                    shard.maker().write(shard.place(), out, configuration);
                }
            }

            @Override
            public void close(TaskAttemptContext ended) {}
        };
    }
}
