package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointBuilder;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
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
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.Source;
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
        this.target = OutputPath.check(system, out, options.directory(), overwrite, files(), first.folders());
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
        MixPlan plan = plan(byName, layout);
        List<Task> work = plan.stretches();
        boolean cacheable = Pass.isCacheable(work);
        // Writes bypass the page cache if reads do.
        boolean direct = engine.io() == IoMode.DIRECT || (engine.io() == IoMode.AUTO && !cacheable);
        Filling filling = new Filling(direct, true, inFlight(engine));
        Map<String, String> described = metadata;
        try (PendingOutput pending =
                PendingOutput.create(system, target, layout, contents(tensors, engine.listener()), filling)) {
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
                pending.complete(layout, ModelFolder.RECIPE, recipe);
            }
            for (String failed : pending.commit(options.durable())) {
                engine.listener().warning(out + " is written, but " + failed);
            }
        } catch (FileAlreadyExistsException e) {
            throw new CheckpointException(
                    Reason.EXISTS,
                    out,
                    "exists already: it appeared during the run",
                    Details.of().cause(e));
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
        return template.isPresent() || target.format() == OutputFormat.NUMPY
                ? reopened(described.containsKey(RECIPE), engine.listener())
                : written(layout, described);
    }

    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        inputs.forEach(input -> input.files().forEach(file -> files.add(file.file())));
        options.like().ifPresent(file -> files.add(file.file()));
        return files;
    }

    /** The result as opening it would return it, without reading the files again. */
    private Checkpoint written(CheckpointLayout layout, Map<String, String> metadata) {
        CheckpointBuilder result = Checkpoint.describing(out, layout.format())
                .metadata(metadata)
                .folders(target.directory() ? first.folders() : List.of());
        for (FileLayout file : layout.files()) {
            Path path = target.directory() ? out.resolve(file.name()) : out;
            result.file(path, file.bytes());
            Source source = FileSource.asItIs(path);
            file.tensors().forEach(place -> result.put(place.in(source)));
        }
        return result.build();
    }

    /** An interrupt closes the channel; the flag is cleared, as the exception reports the interrupt. */
    static InterruptedException cancelled(ClosedByInterruptException e) {
        Thread.interrupted();
        InterruptedException cancelled = new InterruptedException("cancelled");
        cancelled.initCause(e);
        return cancelled;
    }

    private Checkpoint reopened(boolean recipe, RunListener listener) {
        OpenOptions how = template.isEmpty()
                ? OpenOptions.defaults()
                : LikeNames.reopening(template.get(), like.orElseThrow().options());
        Checkpoint written = Checkpoint.open(out, how);
        if (recipe && !written.metadata().containsKey(RECIPE)) {
            listener.note(out + " has no room for the recipe that makes it again");
        }
        return written;
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

    private static MixPlan plan(Map<String, MixTensor> byName, CheckpointLayout layout) {
        List<MixPlan.Placed> placed = new ArrayList<>(byName.size());
        for (int file = 0; file < layout.files().size(); file++) {
            for (FileLayout.Placement place : layout.files().get(file).tensors()) {
                placed.add(new MixPlan.Placed(byName.get(place.name()), file, place.offset()));
            }
        }
        return new MixPlan(placed);
    }

    private Companions.Contents contents(List<MixTensor> tensors, RunListener listener) throws IOException {
        return target.directory()
                ? new Companions(system, first, options, target.path()).of(tensors, listener)
                : Companions.Contents.NONE;
    }

    private void tellInputs(RunListener listener) throws IOException {
        // A candidate passes, and its inputs are those of the output that follows.
        if (options.durable() && target.directory()) {
            InputNotes.tellConfigs(system, inputs, listener);
        }
    }
}
