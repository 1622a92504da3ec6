package dev.stockpot.soup.search;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Average;
import dev.stockpot.engine.Copy;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.write.CheckpointWriter;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.HandedOver;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.tensor.FileVersion;
import dev.stockpot.tensor.MemorySource;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A mixture that an evaluator scores. */
public final class SoupCandidate implements Candidate {
    /** A file that is deleted once it is scored need not wait for the disk. */
    private static final WriteOptions PASSING =
            WriteOptions.builder().durable(false).build();

    private final String name;
    private final Mixture mixture;
    private final Engine engine;
    private final CandidateFiles candidates;
    private final WriteOptions passing;

    /** @param engine that mixes it; its listener receives only {@linkplain CandidateFiles#mixing warnings} */
    public SoupCandidate(String name, Mixture mixture, Engine engine, CandidateFiles candidates) {
        this(name, mixture, Optional.empty(), engine, candidates);
    }

    /** The same, with the number of layers that its configuration is to state. */
    public SoupCandidate(
            String name, Mixture mixture, Optional<Integer> layers, Engine engine, CandidateFiles candidates) {
        this.passing =
                layers.map(count -> PASSING.toBuilder().layers(count).build()).orElse(PASSING);
        this.name = name;
        this.mixture = mixture;
        this.engine = candidates.mixing(engine);
        this.candidates = candidates;
    }

    @Override
    public String name() {
        return name;
    }

    /** What it is made of. */
    Mixture mixture() {
        return mixture;
    }

    @Override
    public Map<String, TensorSpec> tensors() {
        Map<String, TensorSpec> tensors = new LinkedHashMap<>();
        mixture.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor.spec()));
        return tensors;
    }

    @Override
    public HandedOver handOver(Form form) throws InterruptedException {
        Form wanted = form == Form.AS_INGREDIENTS ? candidates.options().form() : form;
        return switch (wanted) {
            case SAFETENSORS -> safetensors(false);
            case DIRECTORY -> safetensors(true);
            case TORCH -> written(".pt", passing);
            case LIKE -> like(true);
            case AS_INGREDIENTS ->
                hasStructure(first()) && mixture.adapters().isEmpty()
                        ? like(false)
                        : safetensors(
                                mixture.adapters().isPresent() || isOnDisk() && Files.isDirectory(first().home()));
        };
    }

    private Checkpoint first() {
        return mixture.ingredients().get(0);
    }

    private boolean isOnDisk() {
        return !first().files().isEmpty();
    }

    /** Whether a checkpoint is one file of a format with a structure, any but safetensors, perhaps with others beside it. */
    private static boolean hasStructure(Checkpoint checkpoint) {
        return !checkpoint.isSafetensors()
                && !checkpoint.files().isEmpty()
                && checkpoint.files().get(0).file().equals(checkpoint.path());
    }

    private HandedOver safetensors(boolean directory) throws InterruptedException {
        String ending = directory ? "" : ".safetensors";
        boolean sameKind =
                isOnDisk() && (directory ? Files.isDirectory(first().path()) : Files.isRegularFile(first().path()));
        // Names that were opened without their prefix differ from those in the file.
        boolean asItIs = sameKind
                && first().isSafetensors()
                && isFirst()
                && Checkpoint.open(first().path()).tensors().equals(first().tensors());
        return asItIs ? linkedOrWritten(ending, passing) : written(ending, passing);
    }

    /**
     * A file with the structure of a file. An ingredient is handed over as it is, wherever in it the weights are: what
     * reads the others reads it too.
     *
     * @param demanded whether nothing else will do; otherwise a plain state dict will, where the structure cannot be written
     */
    private HandedOver like(boolean demanded) throws InterruptedException {
        Optional<WriteOptions.Like> named = candidates.options().like();
        if (named.isEmpty() && !hasStructure(first())) {
            throw new SoupException(
                    Reason.NOT_ALIKE_FORMAT,
                    first().path() + ": has no structure that candidates could be like",
                    Details.of().file(first().path()).hint("name a file that candidates should be like"));
        }
        WriteOptions.Like like = named.orElseGet(
                () -> new WriteOptions.Like(first().path(), candidates.options().opened()));
        String ending = CheckpointWriter.structuredEnding(like.file()).orElse(".pt");
        WriteOptions options =
                passing.toBuilder().like(like.file(), like.options()).build();
        boolean own = hasStructure(first()) && (!demanded || like.file().equals(first().path()));
        try {
            if (own && isFirst() && hasItsNames() && candidates.canBeLike(first(), ending, options)) {
                return linkedOrWritten(ending, options);
            }
            return written(ending, options);
        } catch (CheckpointException e) {
            boolean unlike = e.reason() == Reason.NOT_ALIKE
                    || e.reason() == Reason.SHAPES_DIFFER
                    || e.reason() == Reason.UNSUPPORTED;
            if (demanded || !unlike) {
                throw e;
            }
            return written(ending, passing);
        }
    }

    /** Whether the tensors have the names that they have in the file, as it was opened, and not those of other ingredients. */
    private boolean hasItsNames() {
        return Checkpoint.open(first().path(), candidates.options().opened())
                .tensors()
                .keySet()
                .equals(first().tensors().keySet());
    }

    private HandedOver linkedOrWritten(String ending, WriteOptions options) throws InterruptedException {
        try {
            return new Held(candidates.linked(first().path(), ending), first().files(), true);
        } catch (IOException e) {
            // Without links it is written like any other candidate.
            return written(ending, options);
        }
    }

    private HandedOver written(String ending, WriteOptions options) throws InterruptedException {
        Path path = candidates.fresh(ending);
        return new Held(path, mixture.write(path, options, false, engine).files(), false);
    }

    /** Whether it is the first ingredient, of whose one file a program that is started can read exactly these values. */
    private boolean isFirst() {
        return mixture.ingredients().size() == 1
                // Others are no files to a program that is started.
                && first().path().getFileSystem() == FileSystems.getDefault()
                && first().files().size() == 1
                && mixture.tensors().size() == first().tensors().size()
                && mixture.tensors().stream().allMatch(SoupCandidate::keepsBits);
    }

    private static boolean keepsBits(MixTensor tensor) {
        boolean calculated = tensor.sources().get(0).source() instanceof MemorySource memory
                && memory.values().isCalculated();
        return !calculated && tensor.rest().isEmpty() && keepsFirst(tensor);
    }

    private static boolean keepsFirst(MixTensor tensor) {
        return tensor.how() == Copy.BYTES
                || (tensor.dtype() == tensor.sources().get(0).dtype()
                        && tensor.how().equals(Average.SUM));
    }

    @Override
    public void mixInto(Map<String, TensorMemory> targets) throws InterruptedException {
        mixture.mixInto(targets, engine);
    }

    /** A file or directory with a candidate's values. */
    private final class Held implements HandedOver {
        private final Path path;
        private final Map<Path, Optional<FileVersion>> stamps = new LinkedHashMap<>();
        /** Whether these are an ingredient's own files, and the path only a link. */
        private final boolean linked;

        Held(Path path, List<Checkpoint.FileSize> files, boolean linked) {
            this.path = path;
            this.linked = linked;
            files.forEach(f -> stamps.put(f.file(), version(f.file())));
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public void checkUntouched() {
            stamps.forEach((file, stamp) -> {
                if (!stamp.equals(version(file))) {
                    throw new EvaluationException(
                            Reason.CANDIDATE_CHANGED,
                            name + ": the evaluator wrote to the " + (linked ? "ingredient " : "candidate ") + file,
                            Details.of()
                                    .file(file)
                                    .hint("an evaluator should only read its candidate"
                                            + (linked ? "; this ingredient is no longer what it was" : "")));
                }
            });
        }

        @Override
        public void close() {
            if (linked) {
                candidates.unlink(path);
                // For evaluators that did not ask.
                checkUntouched();
            } else {
                candidates.remove(path);
                for (Path file : stamps.keySet()) {
                    if (!file.startsWith(path)) {
                        candidates.remove(file);
                    }
                }
            }
        }
    }

    /** What is at a path now; empty if it is gone. */
    private static Optional<FileVersion> version(Path file) {
        try {
            return Optional.of(FileVersion.of(file));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
