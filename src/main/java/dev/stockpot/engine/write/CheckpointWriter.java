package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.Part;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.Template;
import dev.stockpot.checkpoint.numpy.NumpyLayout;
import dev.stockpot.checkpoint.safetensors.SafetensorsLayout;
import dev.stockpot.checkpoint.torch.TorchLayout;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixPlan;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.Task;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.engine.disk.OutputFiles.Filling;
import dev.stockpot.engine.pass.FinitePass;
import dev.stockpot.engine.pass.Pass;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Writes tensors to a new checkpoint: a file, or a model directory with the first input's companions. */
public final class CheckpointWriter {
    /** Where an output's metadata has the recipe that makes it again. */
    public static final String RECIPE = "soup.yaml";

    /** The least distance that is assumed between the threads that fill a file, in tiles. */
    private static final int LEAST_IN_FLIGHT = 4;

    private final Path out;
    private final OutputPath whole;
    private final OutputPath target;
    private final WriteOptions options;
    private final OutputFiles system;
    private final List<Checkpoint> inputs;
    private final Checkpoint first;
    private final Set<String> excluded;
    private final Optional<WriteOptions.Like> like;
    private final Optional<Template> template;

    /**
     * Checks that {@code out} may be written.
     *
     * @param overwrite whether an existing output is replaced
     * @throws CheckpointException if it may not: it exists, is an input, or its folder is missing or not writable; or
     *     if it cannot have the structure of the file that it should be like
     */
    public CheckpointWriter(Path out, WriteOptions options, boolean overwrite, List<Checkpoint> inputs) {
        this(out, options, overwrite, inputs, Set.of());
    }

    /** The same for an output without the tensors named {@code excluded}: those of a structure keep their own values. */
    public CheckpointWriter(
            Path out, WriteOptions options, boolean overwrite, List<Checkpoint> inputs, Set<String> excluded) {
        this(out, options, overwrite, inputs, excluded, OutputFiles.DISK);
    }

    /** The same on a file system whose calls may fail. */
    CheckpointWriter(
            Path out,
            WriteOptions options,
            boolean overwrite,
            List<Checkpoint> inputs,
            Set<String> excluded,
            OutputFiles system) {
        this.out = out;
        this.options = options;
        this.excluded = excluded;
        this.system = system;
        this.inputs = List.copyOf(inputs);
        this.first = inputs.get(0);
        this.whole = OutputPath.check(system, out, options.directory(), overwrite, files(), first.folders());
        this.target = options.part().isEmpty()
                ? whole
                : PartFolder.of(system, whole, options.part().get());
        if (!target.directory()) {
            OneFile.check(out, first, options);
        }
        this.like = Templates.like(target.format(), out, options.like(), first);
        this.template = like.map(file -> template(file, inputs));
    }

    private Template template(WriteOptions.Like file, List<Checkpoint> inputs) {
        Template found = LikeNames.open(file, first.tensors().keySet(), excluded);
        try {
            // If all inputs have the same tensors, the output has them too, so it is checked before it is made.
            boolean alike = inputs.stream()
                    .allMatch(input ->
                            input.tensors().keySet().equals(first.tensors().keySet()));
            if (alike) {
                found.check(first.tensors().values().stream()
                        .filter(tensor -> first.folder(tensor.name()).isEmpty())
                        .map(TensorInfo::spec)
                        .toList());
            }
            return found;
        } catch (RuntimeException | Error e) {
            found.close();
            throw e;
        }
    }

    /** What is wrong with the name of {@code out}, if it ends like a format that is not written. */
    public static Optional<String> nameProblem(Path out) {
        try {
            if (out.getFileName() != null) {
                OutputFormat.of(out);
            }
            return Optional.empty();
        } catch (CheckpointException e) {
            return Optional.of(e.getMessage() + "; " + e.hint().orElseThrow());
        }
    }

    /** Whether {@code out} would be written as a PyTorch file, which has a structure. */
    public static boolean isTorch(Path out) {
        return out.getFileName() != null && OutputFormat.of(out) == OutputFormat.TORCH;
    }

    /** Whether {@code out} would be written as a model directory by its name. */
    public static boolean isDirectory(Path out) {
        return out.getFileName() != null && OutputFormat.of(out) == OutputFormat.DIRECTORY;
    }

    /** The ending of a file's name, if it is that of a file that has a structure: all formats but safetensors. */
    public static Optional<String> structuredEnding(Path file) {
        return OutputFormat.structuredEnding(file.getFileName().toString());
    }

    /**
     * Makes tensors and writes them; to be called once.
     *
     * @return the result, opened
     * @throws CheckpointException if a file cannot be read or written; nothing is left behind
     * @throws InterruptedException if the thread was interrupted; nothing is left behind
     */
    public Checkpoint write(List<MixTensor> all, Map<String, String> metadata, Engine engine)
            throws InterruptedException {
        List<MixTensor> tensors =
                target.directory() ? all : Templates.typed(template, OneFile.of(out, first, all, engine.listener()));
        List<TensorSpec> specs = tensors.stream().map(MixTensor::spec).toList();
        Map<String, MixTensor> byName = new HashMap<>(tensors.size() * 4 / 3 + 1);
        tensors.forEach(t -> byName.put(t.name(), t));
        Map<String, String> tied =
                template.isEmpty() ? Map.of() : tied(template.get(), specs, byName, engine.listener());
        CheckpointLayout layout = layout(specs, tied, metadata);
        FileBeside.check(system, target, layout, files(), template);
        OutputShards shards = OutputShards.of(layout, byName, options.part());
        MixPlan plan = shards.plan();
        List<Task> work = plan.stretches();
        boolean cacheable = Pass.isCacheable(work);
        // Writes bypass the page cache if reads do.
        boolean direct = engine.io() == IoMode.DIRECT || (engine.io() == IoMode.AUTO && !cacheable);
        Filling filling = new Filling(direct, true, inFlight(engine));
        Map<String, String> described = metadata;
        try (PendingOutput pending = begin(shards.layout(), contents(tensors, engine.listener()), filling)) {
            tellInputs(engine.listener());
            if (options.lateRecipe().isPresent()) {
                options.lateRecipe().get().start();
            }
            FinitePass.run(plan, work, pending, engine, cacheable, new SourceNames(inputs));
            engine.listener().finishing();
            if (options.lateRecipe().isPresent()) {
                String recipe = options.lateRecipe().get().text();
                described = new TreeMap<>(metadata);
                described.put(RECIPE, recipe);
                layout = layout(specs, tied, described);
                shards = OutputShards.of(layout, byName, options.part());
                pending.complete(shards.layout());
                if (hasCompanions()) {
                    pending.write(ModelFolder.RECIPE, recipe);
                }
            }
            if (options.part().isPresent()) {
                PartRecord record = PartRecord.of(layout, shards.layout(), files());
                pending.write(PartRecord.FILE, record.text());
            }
            for (String failed : pending.commit(options.durable())) {
                engine.listener().warning(out + " is written, but " + failed);
            }
        } catch (FileAlreadyExistsException e) {
            throw OutputPath.appeared(place(), e);
        } catch (ClosedByInterruptException e) {
            throw cancelled(e);
        } catch (IOException e) {
            throw CheckpointException.unwritable(out, e);
        } finally {
            template.ifPresent(Template::close);
            if (options.lateRecipe().isPresent()) {
                options.lateRecipe().get().close();
            }
        }
        if (template.isPresent() || target.format() == OutputFormat.NUMPY) {
            OpenOptions how = template.map(
                            file -> LikeNames.reopening(file, like.orElseThrow().options()))
                    .orElseGet(OpenOptions::defaults);
            return WrittenFiles.reopened(out, how, described.containsKey(RECIPE), engine.listener());
        }
        List<String> folders = target.directory() ? first.folders() : List.of();
        return WrittenFiles.opened(place(), target.directory(), folders, shards.layout(), described);
    }

    /** What is written, by the name that the caller knows. */
    private Path place() {
        return target == whole ? out : target.path();
    }

    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        inputs.forEach(input -> input.files().forEach(file -> files.add(file.file())));
        options.like().ifPresent(file -> files.add(file.file()));
        return files;
    }

    /** An interrupt closes the channel; the flag is cleared, as the exception reports the interrupt. */
    static InterruptedException cancelled(ClosedByInterruptException e) {
        Thread.interrupted();
        InterruptedException cancelled = new InterruptedException("cancelled");
        cancelled.initCause(e);
        return cancelled;
    }

    private static long inFlight(Engine engine) {
        return (long) Math.max(engine.threads(), LEAST_IN_FLIGHT) * engine.tileBytes();
    }

    /** What is tied in the template's structure; adds the tensors that the template keeps to {@code tensors}. */
    private Map<String, String> tied(
            Template structure, List<TensorSpec> specs, Map<String, MixTensor> tensors, RunListener listener)
            throws InterruptedException {
        structure.check(specs);
        LikeNames.tell(structure, listener);
        Map<String, String> tied = Ties.of(structure.ties(), tensors, listener);
        for (TensorInfo kept : structure.kept()) {
            tensors.put(kept.name(), MixTensor.copy(kept));
        }
        return tied;
    }

    private CheckpointLayout layout(List<TensorSpec> specs, Map<String, String> tied, Map<String, String> metadata) {
        if (template.isPresent()) {
            return template.get().layout(out, specs, tied, metadata);
        }
        return switch (target.format()) {
            case DIRECTORY -> DirectoryLayout.of(first, specs, metadata, options);
            case TORCH -> TorchLayout.file(out, specs, metadata);
            case NUMPY -> NumpyLayout.file(out, specs, metadata);
            default -> SafetensorsLayout.file(out.getFileName().toString(), specs, metadata);
        };
    }

    private PendingOutput begin(CheckpointLayout layout, Companions.Contents contents, Filling how) throws IOException {
        if (options.part().isPresent()) {
            PartFolder.prepare(system, target);
        }
        return PendingOutput.create(system, target, layout, contents, how);
    }

    /** Whether configuration, tokenizer and the like go with the weights: into a directory, or the first of its parts. */
    private boolean hasCompanions() {
        return target.directory() && options.part().map(Part::isFirst).orElse(true);
    }

    private Companions.Contents contents(List<MixTensor> tensors, RunListener listener) throws IOException {
        return hasCompanions()
                ? new Companions(system, first, options, whole.path()).of(tensors, listener)
                : Companions.Contents.of(target.directory() ? first.folders() : List.of());
    }

    private void tellInputs(RunListener listener) throws IOException {
        // A candidate passes, and its inputs are those of the output that follows.
        if (options.durable() && hasCompanions()) {
            InputNotes.tellConfigs(system, inputs, listener);
        }
    }
}
