package dev.stockpot.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits of memory, from files as the kernel writes them. */
class ControlGroupTest {
    @TempDir
    Path root;

    private void file(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void withoutGroupsThereIsNoLimit() throws IOException {
        assertEquals(Long.MAX_VALUE, ControlGroup.available(root));
        file("proc/self/cgroup", "0::/user.slice\n");
        assertEquals(Long.MAX_VALUE, ControlGroup.available(root));
        file("sys/fs/cgroup/user.slice/memory.max", "max\n");
        file("sys/fs/cgroup/user.slice/memory.current", "1000\n");
        assertEquals(Long.MAX_VALUE, ControlGroup.available(root));
    }

    @Test
    void theTightestOfAGroupAndThoseAboveItCounts() throws IOException {
        file("proc/self/cgroup", "0::/slurm/job_7/step_0\n");
        file("sys/fs/cgroup/slurm/job_7/step_0/memory.max", "max\n");
        file("sys/fs/cgroup/slurm/job_7/memory.max", "1000000\n");
        file("sys/fs/cgroup/slurm/job_7/memory.current", "700000\n");
        file("sys/fs/cgroup/slurm/job_7/memory.stat", "anon 100000\nfile 600000\nfile_mapped 5\nshmem 50000\n");
        // 300,000 are free, and 550,000 of the page cache can be.
        assertEquals(850_000, ControlGroup.available(root));
        file("sys/fs/cgroup/slurm/memory.max", "900000\n");
        file("sys/fs/cgroup/slurm/memory.current", "800000\n");
        assertEquals(100_000, ControlGroup.available(root));
        file("sys/fs/cgroup/slurm/memory.current", "1000000\n");
        assertEquals(0, ControlGroup.available(root));
    }

    @Test
    void versionOneCountsToo() throws IOException {
        file("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/docker/x\n1:name=systemd:/b\n");
        file("sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes", "9223372036854771712\n");
        assertEquals(Long.MAX_VALUE, ControlGroup.available(root));
        file("sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes", "500000\n");
        file("sys/fs/cgroup/memory/docker/x/memory.usage_in_bytes", "400000\n");
        file("sys/fs/cgroup/memory/docker/x/memory.stat", "cache 1\ntotal_cache 250000\ntotal_shmem 50000\n");
        assertEquals(300_000, ControlGroup.available(root));
    }

    /** A container sees its own group as the root, but may be told its name outside. */
    @Test
    void inAContainerTheMountIsItsGroup() throws IOException {
        file("proc/self/cgroup", "0::/../../docker/x\n");
        file("sys/fs/cgroup/memory.max", "400000\n");
        assertEquals(400_000, ControlGroup.available(root));
        file("proc/self/cgroup", "0::/docker/x\n");
        assertEquals(400_000, ControlGroup.available(root));
    }
}
