package dev.stockpot.bench;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.generate.CheckpointGenerator;
import dev.stockpot.generate.ModelShape;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.memory.NativeMemory;
import dev.stockpot.run.RunListener;
import dev.stockpot.system.AvailableMemory;
import dev.stockpot.system.ScratchFolder;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One run: the machine's limits, then soups of generated ingredients as a share of them. Everything that it writes is
 * deleted when it ends, even if it fails.
 */
public final class Benchmark {
    private final BenchOptions options;
    private final RunListener listener;

    /** A run with {@code options}; {@code listener} receives notes on its progress. */
    public Benchmark(BenchOptions options, RunListener listener) {
        this.options = options;
        this.listener = listener;
    }

    /**
     * Runs all measurements.
     *
     * @throws CheckpointException if the scratch folder has no room or cannot be used
     * @throws SoupException if the native library is not available, as only the JVM would be measured, or soups do not fit
     *     into memory
     * @throws InterruptedException if the thread is interrupted
     */
    public BenchResult run() throws InterruptedException {
        if (!NativeLibrary.isAvailable()) {
            throw new SoupException(
                    Reason.NOT_INSTALLED, "nothing can be measured: " + NativeLibrary.unavailableReason());
        }
        try (ScratchFolder scratch = ScratchFolder.open(Optional.of(options.scratch()), options.scratchBytes())) {
            boolean direct = DiskTransfer.isDirectPossible(options.scratch());
            if (!direct) {
                listener.note("the file system of " + options.scratch()
                        + " does not support direct I/O: its disk is not measured");
            }
            List<BenchResult.Limit> limits = limits(scratch, direct);
            List<BenchResult.Soup> soups = new ArrayList<>();
            for (DType dtype : options.dtypes()) {
                soups.addAll(soups(scratch, dtype, direct));
            }
            return new BenchResult(Machine.here(options.engine(), options.scratch()), limits, soups);
        } catch (IOException e) {
            checkInterrupted();
            throw new CheckpointException(
                    Reason.UNREADABLE,
                    options.scratch(),
                    "cannot be used for measuring: " + e.getMessage(),
                    Details.of().cause(e));
        } catch (CheckpointException e) {
            checkInterrupted();
            throw e;
        }
    }

    /** Checks that a soup and gradients in F32 fit into memory, in addition to the page cache. */
    private void checkMemory(ModelShape shape) {
        long gradients =
                shape.tensors().stream().mapToLong(TensorSpec::elements).sum() * Float.BYTES;
        long available = AvailableMemory.bytes();
        if (shape.bytes() + gradients > available / 2) {
            throw new SoupException(
                    Reason.NO_MEMORY,
                    "a soup in memory takes " + (shape.bytes() + gradients) + " bytes with its gradients, but "
                            + available + " are available, half of them for this",
                    Details.of()
                            .number("needed", shape.bytes() + gradients)
                            .number("available", available)
                            .hint("measure smaller ingredients"));
        }
    }

    /** An interruption closes the thread's channels, which is not a failure of the file. */
    private static void checkInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("cancelled");
        }
    }

    private List<BenchResult.Limit> limits(ScratchFolder scratch, boolean direct)
            throws IOException, InterruptedException {
        listener.note("measuring memory and disk");
        int threads = options.engine().threads();
        DiskTransfer disk = new DiskTransfer(threads);
        Path ready = scratch.resolve("ready.bin");
        Path fresh = scratch.resolve("fresh.bin");
        disk.writeCached(ready, options.diskBytes());
        List<Probe> probes = new ArrayList<>();
        try (NativeMemory memory = NativeMemory.allocate(options.memoryBytes())) {
            // Pages that were never written all share one page of zeros.
            for (long at = 0; at < memory.size(); at += 4096) {
                memory.slice(at, 1).put((byte) 1);
            }
            probes.add(Probe.of("memory read", memory.size(), () -> Reading.memory(memory, threads)));
            probes.add(Probe.of(
                    "page cache, mapped read",
                    options.diskBytes(),
                    () -> Reading.mapped(List.of(ready), List.of(), threads)));
            probes.add(new Probe(
                    "page cache, write",
                    options.diskBytes(),
                    () -> Files.deleteIfExists(fresh),
                    () -> disk.writeCached(fresh, options.diskBytes())));
            if (direct) {
                probes.add(Probe.of("disk, direct read", options.diskBytes(), () -> disk.readDirect(List.of(ready))));
                probes.add(new Probe(
                        "disk, direct write",
                        options.diskBytes(),
                        () -> Files.deleteIfExists(fresh),
                        () -> disk.writeDirect(fresh, options.diskBytes())));
            }
            List<BenchResult.Limit> limits = new ArrayList<>();
            Rounds.run(probes, options.rounds())
                    .forEach((name, samples) -> limits.add(new BenchResult.Limit(name, samples)));
            return limits;
        } finally {
            Files.deleteIfExists(ready);
            Files.deleteIfExists(fresh);
        }
    }

    private List<BenchResult.Soup> soups(ScratchFolder scratch, DType dtype, boolean direct)
            throws IOException, InterruptedException {
        ModelShape shape = ModelShape.like(options.model(), dtype, options.bytes());
        checkMemory(shape);
        CheckpointGenerator generator =
                new CheckpointGenerator(shape, options.engine().threads());
        List<Path> files = new ArrayList<>();
        try {
            listener.note("writing " + options.mostIngredients() + " ingredients of " + dtype);
            for (int k = 0; k < options.mostIngredients(); k++) {
                files.add(scratch.resolve("model_" + k + ".safetensors"));
                generator.write(files.get(k), k + 1L);
            }
            listener.note("mixing " + dtype);
            try (SoupProbes probes = new SoupProbes(options, dtype, files, scratch.resolve("soup.safetensors"))) {
                return probes.run(direct);
            }
        } finally {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }
}
