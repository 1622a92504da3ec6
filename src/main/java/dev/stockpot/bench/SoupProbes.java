package dev.stockpot.bench;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Engine;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.PlainRead;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.mixture.IngredientNotes;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.mixture.Weights;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The soups of one dtype, each with its limit, all in the same rounds. A soup's time includes opening its ingredients. */
final class SoupProbes implements AutoCloseable {
    private static final WriteOptions PASSING =
            WriteOptions.builder().durable(false).build();
    private static final String WRITE = "page-cache write of one";

    private final BenchOptions options;
    private final DType dtype;
    private final List<Path> files;
    private final Path out;
    private final SoupInMemory memory;
    private final IngredientDots dots;
    private final List<Probe> probes = new ArrayList<>();
    private final List<Row> rows = new ArrayList<>();

    /** A soup's probe and the probes that limit it, by name. */
    private record Row(String recipe, int ingredients, String from, String to, String soup, List<String> limits) {}

    SoupProbes(BenchOptions options, DType dtype, List<Path> files, Path out) {
        this.options = options;
        this.dtype = dtype;
        this.files = files;
        this.out = out;
        Checkpoint pattern = Checkpoint.open(files.get(0));
        this.memory = new SoupInMemory(pattern);
        this.dots = new IngredientDots(pattern);
    }

    List<BenchResult.Soup> run(boolean direct) throws IOException, InterruptedException {
        DiskTransfer disk = new DiskTransfer(options.engine().threads());
        long one = Files.size(files.get(0));
        add(new Probe(WRITE, one, this::removeOutput, () -> disk.writeCached(out, one)));
        for (int count : counts()) {
            uniform(count);
        }
        dot(options.usual());
        for (String method : options.methods()) {
            merge(method);
        }
        if (direct) {
            cold(options.usual(), disk);
        }
        Map<String, Samples> samples = Rounds.run(probes, options.rounds());
        removeOutput();
        return rows.stream().map(row -> result(row, samples)).toList();
    }

    /** How many ingredients the uniform soups have: those asked for, and as many as a merge reads. */
    private Set<Integer> counts() {
        Set<Integer> counts = new TreeSet<>(options.ingredients());
        options.methods().forEach(method -> counts.add(MeasuredMerge.of(method).sources()));
        return counts;
    }

    private void uniform(int count) {
        List<Path> some = files.subList(0, count);
        String read = "mapped read of " + count;
        add(Probe.of(
                read,
                bytes(count),
                () -> Reading.mapped(some, List.of(), options.engine().threads())));
        String inMemory = "uniform of " + count + " to memory";
        add(Probe.of(inMemory, bytes(count), () -> memory.mix(uniform(some), options.engine())));
        rows.add(new Row("uniform", count, "page cache", "memory", inMemory, List.of(read)));
        String inFile = "uniform of " + count + " to a file";
        add(new Probe(
                inFile,
                bytes(count),
                this::removeOutput,
                () -> uniform(some).write(out, PASSING, false, options.engine())));
        rows.add(new Row("uniform", count, "page cache", "file", inFile, List.of(read, WRITE)));
    }

    /** Into memory, beside the uniform soup of the same files. */
    private void merge(String method) {
        MeasuredMerge merge = MeasuredMerge.of(method);
        int count = merge.sources();
        List<Path> some = files.subList(0, count);
        String name = method + " of " + count;
        add(Probe.of(name, bytes(count), () -> memory.mix(merge.open(some), run())));
        rows.add(new Row(method, count, "page cache", "memory", name, List.of("mapped read of " + count)));
    }

    private Run run() {
        return Run.builder().threads(options.engine().threads()).build();
    }

    private void dot(int count) {
        List<Path> some = files.subList(0, count);
        List<Memory> gradients = List.of(dots.memory());
        String read = "mapped read of " + count + " with gradients";
        long bytes = bytes(count) + dots.memory().size();
        add(Probe.of(
                read,
                bytes,
                () -> Reading.mapped(some, gradients, options.engine().threads())));
        String dot = "dot of " + count;
        add(Probe.of(dot, bytes, () -> dots.multiply(open(some), options.engine())));
        rows.add(new Row("dot", count, "page cache", "none", dot, List.of(read)));
    }

    /** From the disk: past the page cache and through it, each with a plain read along the same path. */
    private void cold(int count, DiskTransfer disk) {
        List<Path> some = files.subList(0, count);
        Engine usual = options.engine();
        Engine past = usual.with(IoMode.DIRECT);
        int requests = Math.max(usual.threads(), DiskTransfer.LEAST_REQUESTS);
        String limit = "direct read of " + count;
        add(Probe.of(limit, bytes(count), () -> disk.readDirect(some)));
        cold("plain read", some, "disk, direct", "none", limit, () -> Reading.direct(some, requests));
        cold("uniform", some, "disk, direct", "memory", limit, () -> memory.mix(uniform(some), past));
        cold("plain read", some, "disk", "none", limit, () -> disk.readCached(some));
        // The last of a round: it leaves the files in the page cache, where the other probes need them.
        cold("uniform", some, "disk", "memory", limit, () -> memory.mix(uniform(some), usual));
    }

    private void cold(String recipe, List<Path> some, String from, String to, String limit, Probe.Action action) {
        String name = recipe + " of " + some.size() + " from " + from;
        Probe.Action forget = () -> {
            for (Path file : some) {
                PlainRead.forget(file);
            }
        };
        add(new Probe(name, bytes(some.size()), forget, action));
        rows.add(new Row(recipe, some.size(), from, to, name, List.of(limit)));
    }

    private void add(Probe probe) {
        probes.add(probe);
    }

    private long bytes(int count) {
        return files.subList(0, count).stream()
                .mapToLong(file -> file.toFile().length())
                .sum();
    }

    /** All that a uniform soup does before it is mixed. */
    private static Mixture uniform(List<Path> paths) throws InterruptedException {
        Ingredients matched = Ingredients.match(open(paths), MatchOptions.defaults());
        IngredientNotes.tell(matched, Optional.empty(), RunListener.silent());
        return Mixture.averaged(matched, Weights.EQUAL, Optional.empty());
    }

    private static List<Checkpoint> open(List<Path> paths) {
        return Checkpoint.openAll(paths, OpenOptions.defaults());
    }

    private void removeOutput() throws IOException {
        Files.deleteIfExists(out);
    }

    private BenchResult.Soup result(Row row, Map<String, Samples> samples) {
        Samples limit = samples.get(row.limits().get(0));
        for (String more : row.limits().subList(1, row.limits().size())) {
            limit = limit.plus(samples.get(more));
        }
        return new BenchResult.Soup(
                row.recipe(),
                dtype,
                row.ingredients(),
                row.from(),
                row.to(),
                samples.get(row.soup()),
                String.join(" + ", row.limits()),
                limit);
    }

    @Override
    public void close() {
        memory.close();
        dots.close();
    }
}
