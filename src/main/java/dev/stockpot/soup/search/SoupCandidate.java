package dev.stockpot.soup.search;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Average;
import dev.stockpot.engine.Copy;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.HandedOver;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.tensor.FileVersion;
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

    /** @param engine that mixes it; its listener receives only {@linkplain CandidateFiles#mixing warnings} */
    public SoupCandidate(String name, Mixture mixture, Engine engine, CandidateFiles candidates) {
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
        Checkpoint first = mixture.ingredients().get(0);
        boolean onDisk = !first.files().isEmpty();
        boolean directory = onDisk && form == Form.AS_INGREDIENTS && Files.isDirectory(first.path());
        String ending = directory ? "" : ".safetensors";
        if (onDisk && (directory || Files.isRegularFile(first.path())) && isFirstAsItIs()) {
            try {
                return new Held(candidates.linked(first.path(), ending), first.files(), true);
            } catch (IOException e) {
                // Without links it is written like any other candidate.
            }
        }
        Path path = candidates.fresh(ending);
        return new Held(path, mixture.write(path, PASSING, false, engine).files(), false);
    }

    /** Whether the first ingredient's own file has exactly these values, in the format that evaluators get. */
    private boolean isFirstAsItIs() {
        Checkpoint first = mixture.ingredients().get(0);
        return mixture.ingredients().size() == 1
                && first.isSafetensors()
                // Others are no files to a program that is started.
                && first.path().getFileSystem() == FileSystems.getDefault()
                && first.files().size() == 1
                && mixture.tensors().size() == first.tensors().size()
                && mixture.tensors().stream().allMatch(SoupCandidate::keepsBits)
                // Names that were opened without their prefix differ from those in the file.
                && Checkpoint.open(first.path()).tensors().equals(first.tensors());
    }

    private static boolean keepsBits(MixTensor tensor) {
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
