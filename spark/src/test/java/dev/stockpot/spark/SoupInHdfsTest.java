package dev.stockpot.spark;

import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

class SoupInHdfsTest extends SparkSoupTest {
    private MiniDFSCluster cluster;

    @Override
    String start(Path files, Configuration configuration) throws Exception {
        Configuration own = new Configuration(configuration);
        own.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, files.toString());
        cluster = new MiniDFSCluster.Builder(own).numDataNodes(1).build();
        cluster.waitActive();
        return cluster.getURI() + "/";
    }

    @Override
    void stop() {
        cluster.shutdown();
    }
}
