package dev.stockpot.fuzz;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Adapter;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.adapter.TestAdapters;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** The settings of an adapter whose tensors, and whose base, are right. */
final class AdapterFuzz implements FuzzTarget {
    private final Path file = FuzzTarget.file("").resolveSibling("adapter_config.json");
    private final Checkpoint base;
    private final Checkpoint adapter;

    AdapterFuzz() {
        try {
            Random random = new Random(1);
            Map<String, TestFiles.Tensor> weights = new LinkedHashMap<>();
            Map<String, TestFiles.Tensor> factors = new LinkedHashMap<>();
            for (String module : new String[] {"model.layers.0.self_attn.q_proj", "model.layers.1.mlp.up_proj"}) {
                weights.put(module + ".weight", TestAdapters.numbers(DType.F32, random, 6, 4));
                factors.putAll(TestAdapters.linear(module, 6, 4, 2, DType.F32, random));
            }
            Path folder = file.getParent();
            base = Checkpoint.open(TestFiles.write(folder.resolve("base.safetensors"), weights));
            adapter = Checkpoint.open(TestFiles.write(folder.resolve("adapter_model.safetensors"), factors));
            for (Path made : new Path[] {file, base.path(), adapter.path()}) {
                made.toFile().deleteOnExit();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void run(byte[] input) throws IOException {
        Files.write(file, input);
        try {
            Checkpoint folded = Adapter.of(adapter).foldedInto(base);
            for (String tensor : folded.tensors().keySet()) {
                for (double value : folded.doubles(tensor)) {
                    if (Double.isNaN(value)) {
                        throw new AssertionError("no number in " + tensor);
                    }
                }
            }
        } catch (CheckpointException e) {
            Refusal.check(e, input);
        }
    }
}
