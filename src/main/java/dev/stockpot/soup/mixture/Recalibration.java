package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.Checkpoints;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.safetensors.SafetensorsLayout;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.torchscript.RunningStatistics;
import dev.stockpot.run.MixListener;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.soup.LearnedResult;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.soup.search.CandidateFiles;
import dev.stockpot.soup.search.SoupCandidate;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a soup with its batch normalisation's running statistics estimated anew on training data, as averages of the
 * ingredients' statistics are not those of the averaged weights.
 *
 * @param network TorchScript that runs the soup; trusted, and scripted rather than traced
 * @param options its data are the training examples, a safetensors file with {@code inputs} and {@code labels}
 */
public record Recalibration(Path network, EvaluatorOptions options) {
    /** Writes a uniform soup; see {@link UniformSoup#write}. */
    public Checkpoint write(UniformSoup soup, Path out, WriteOptions how, EngineSettings settings, MixListener listener)
            throws InterruptedException {
        return write(soup.mixture(), out, how, settings, listener);
    }

    /** Writes a greedy soup; see {@link GreedyResult#write}. */
    public Checkpoint write(
            GreedyResult soup, Path out, WriteOptions how, EngineSettings settings, MixListener listener)
            throws InterruptedException {
        return write(soup.mixture(), out, how, settings, listener);
    }

    /** Writes a learned soup; see {@link LearnedResult#write}. */
    public Checkpoint write(
            LearnedResult soup, Path out, WriteOptions how, EngineSettings settings, MixListener listener)
            throws InterruptedException {
        return write(soup.mixture(), out, how, settings, listener);
    }

    private Checkpoint write(Mixture mixture, Path out, WriteOptions how, EngineSettings settings, MixListener listener)
            throws InterruptedException {
        try (CandidateFiles files = new CandidateFiles(null, 1L << 20)) {
            SoupCandidate candidate = new SoupCandidate(out.toString(), mixture, settings, files);
            Map<String, double[]> statistics = RunningStatistics.of(network, candidate, options);
            Checkpoint anew = statistics(statistics, mixture, files.fresh(".safetensors"));
            listener.note(statistics.size() + " running statistics of batch normalisation estimated anew on "
                    + options.data());
            return replaced(mixture, anew).write(out, how, settings, listener);
        }
    }

    /** The same soup but for the tensors that {@code anew} holds. */
    private static Mixture replaced(Mixture mixture, Checkpoint anew) {
        List<MixTensor> tensors = new ArrayList<>();
        for (MixTensor tensor : mixture.tensors()) {
            tensors.add(
                    anew.tensors().containsKey(tensor.name())
                            ? Mixture.tensor(
                                    tensor.name(),
                                    new Counterparts(
                                            List.of(0), List.of(anew.tensors().get(tensor.name())), true),
                                    Weights.EQUAL,
                                    tensor.dtype())
                            : tensor);
        }
        Map<String, String> metadata = new TreeMap<>(mixture.metadata());
        metadata.put("soup.batch_norm", "recalibrated");
        return new Mixture(mixture.ingredients(), tensors, metadata);
    }

    /** The statistics as a file, so that they are mixed as an ingredient's tensors are: rounded once, to the soup's type. */
    private static Checkpoint statistics(Map<String, double[]> values, Mixture mixture, Path file) {
        List<TensorSpec> specs = mixture.tensors().stream()
                .filter(tensor -> values.containsKey(tensor.name()))
                .map(tensor -> new TensorSpec(tensor.name(), DType.F64, tensor.shape()))
                .toList();
        FileLayout layout =
                SafetensorsLayout.file("statistics", specs, Map.of()).files().get(0);
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(layout.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(layout.header());
        for (FileLayout.Placement placement : layout.tensors()) {
            bytes.position((int) placement.offset());
            for (double value : values.get(placement.name())) {
                bytes.putDouble(value);
            }
        }
        try {
            Files.write(file, bytes.array());
        } catch (IOException e) {
            throw new CheckpointException(file, "cannot be written: " + e.getMessage(), null, e);
        }
        return Checkpoints.open(file);
    }
}
