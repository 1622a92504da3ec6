package dev.stockpot.soup.search;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.Checkpoints;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.checkpoint.safetensors.Safetensors;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.pass.TensorMixer;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.HandedOver;
import dev.stockpot.run.MixListener;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A mixture on its way to an evaluator. */
public final class SoupCandidate implements Candidate {
    private final String name;
    private final Mixture mixture;
    private final EngineSettings settings;
    private final CandidateFiles candidates;

    public SoupCandidate(String name, Mixture mixture, EngineSettings settings, CandidateFiles candidates) {
        this.name = name;
        this.mixture = mixture;
        this.settings = settings;
        this.candidates = candidates;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        mixture.tensors().forEach(t -> tensors.put(t.name(), new Tensor(t.dtype(), t.shape())));
        return tensors;
    }

    @Override
    public HandedOver handOver(Form form) throws InterruptedException {
        Checkpoint first = mixture.ingredients().get(0);
        boolean directory = form == Form.AS_INGREDIENTS && Files.isDirectory(first.path());
        if (isFirstAsItIs() && (directory || Files.isRegularFile(first.path()))) {
            return new Held(first.path(), first.files(), false);
        }
        Path path = candidates.fresh(directory ? "" : ".safetensors");
        Checkpoint written = mixture.write(path, WriteOptions.passing(), settings, MixListener.silent());
        return new Held(path, written.files(), true);
    }

    /** Whether the first ingredient's own file holds just these values, in the format that evaluators are given. */
    private boolean isFirstAsItIs() {
        Checkpoint first = mixture.ingredients().get(0);
        return mixture.ingredients().size() == 1
                && first.format().equals(Safetensors.FORMAT)
                && first.files().size() == 1
                && mixture.tensors().size() == first.tensors().size()
                && mixture.tensors().stream().allMatch(SoupCandidate::keepsBits)
                // Names that were opened without their prefix are other names in the file.
                && Checkpoints.open(first.path()).tensors().equals(first.tensors());
    }

    private static boolean keepsBits(MixTensor tensor) {
        return tensor.how() instanceof MixTensor.Copy
                || (tensor.dtype() == tensor.sources().get(0).dtype()
                        && tensor.how().equals(new MixTensor.Average(null, 1)));
    }

    @Override
    public void mixInto(Map<String, TensorMemory> targets) throws InterruptedException {
        List<MixTensor> wanted = new ArrayList<>();
        List<TensorMemory> memories = new ArrayList<>();
        for (MixTensor tensor : mixture.tensors()) {
            TensorMemory memory = targets.get(tensor.name());
            if (memory != null) {
                wanted.add(tensor);
                memories.add(memory);
            }
        }
        TensorMixer.mix(
                wanted,
                (tensor, offset, length) -> memories.get(tensor).slice(offset, length),
                settings,
                MixListener.silent());
    }

    /** A file or directory with a candidate's values. */
    private final class Held implements HandedOver {
        private final Path path;
        private final Map<Path, Stamp> stamps = new LinkedHashMap<>();
        private final boolean passing;

        Held(Path path, List<Checkpoint.FileSize> files, boolean passing) {
            this.path = path;
            this.passing = passing;
            files.forEach(f -> stamps.put(f.file(), Stamp.of(f.file())));
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public void checkUntouched() {
            stamps.forEach((file, stamp) -> {
                if (!stamp.equals(Stamp.of(file))) {
                    throw new EvaluationException(
                            name + ": the evaluator wrote to the candidate " + file,
                            "an evaluator should only read its candidate",
                            null);
                }
            });
        }

        @Override
        public void close() {
            if (passing) {
                candidates.remove(path);
            }
        }
    }

    /** A file's size in bytes and time of its last change; -1 where it is gone. */
    private record Stamp(long bytes, long modified) {
        static Stamp of(Path file) {
            try {
                BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
                return new Stamp(now.size(), now.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS));
            } catch (IOException e) {
                return new Stamp(-1, -1);
            }
        }
    }
}
