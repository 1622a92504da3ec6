package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.file.TensorValues;
import dev.stockpot.checkpoint.onnx.OnnxGraph;
import dev.stockpot.checkpoint.onnx.OnnxReader;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Figures;
import dev.stockpot.text.NameList;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * ONNX models of one graph. Their exporters number tensors that have no name in the model's code, each export in its own way,
 * so these are matched by their place in the graph; and some of their tensors are no weights but constants of the graph.
 */
final class SameGraph {
    /** Constants of a graph are small, but for masks, which averages leave as they are. */
    private static final long MOST_BYTES = 1 << 16;

    private SameGraph() {}

    /** Whether a checkpoint is an ONNX model. */
    static boolean isGraph(Checkpoint checkpoint) {
        return checkpoint.format().equals(OnnxReader.FORMAT);
    }

    /**
     * The checkpoints with the names of the first for tensors at the same place, where the graph is provably the same: the
     * same operators take the same values, from the first node to the last. Others stay as they are.
     */
    static List<Checkpoint> named(List<Checkpoint> checkpoints, List<String> notes) {
        Checkpoint first = checkpoints.get(0);
        if (checkpoints.size() == 1 || !checkpoints.stream().allMatch(SameGraph::isGraph)) {
            return checkpoints;
        }
        OnnxGraph.Found graph = OnnxGraph.of(file(first));
        Map<Integer, String> names = new HashMap<>();
        graph.uses().forEach((name, use) -> names.put(use.place(), name));
        List<Checkpoint> named = new ArrayList<>();
        Map<String, List<String>> told = new LinkedHashMap<>();
        for (Checkpoint checkpoint : checkpoints) {
            Map<String, String> others = checkpoint == first ? Map.of() : others(checkpoint, graph, names);
            named.add(others.isEmpty() ? checkpoint : renamed(checkpoint, others));
            if (!others.isEmpty()) {
                told.computeIfAbsent(what(others), w -> new ArrayList<>())
                        .add(checkpoint.path().toString());
            }
        }
        told.forEach((what, paths) -> notes.add(NameList.of(paths) + what));
        return named;
    }

    /** The first one's names of tensors that have others in {@code checkpoint}; empty if it is of another graph. */
    private static Map<String, String> others(
            Checkpoint checkpoint, OnnxGraph.Found first, Map<Integer, String> names) {
        OnnxGraph.Found graph = OnnxGraph.of(file(checkpoint));
        Map<String, String> others = new LinkedHashMap<>();
        if (graph.digest().equals(first.digest()) && graph.uses().size() == names.size()) {
            graph.uses().forEach((name, use) -> {
                if (!names.get(use.place()).equals(name)) {
                    others.put(name, names.get(use.place()));
                }
            });
        }
        return others;
    }

    private static Path file(Checkpoint model) {
        return model.files().get(0).file();
    }

    private static Checkpoint renamed(Checkpoint checkpoint, Map<String, String> others) {
        List<TensorInfo> tensors = new ArrayList<>();
        for (TensorInfo tensor : checkpoint.tensors().values()) {
            tensors.add(tensor.named(others.getOrDefault(tensor.name(), tensor.name())));
        }
        return checkpoint.withTensors(tensors);
    }

    private static String what(Map<String, String> others) {
        Map.Entry<String, String> example = others.entrySet().iterator().next();
        return ": " + Figures.count(others.size(), "tensor") + " matched by the place in the graph, which is the same"
                + " but for names, such as " + example.getKey() + " for " + example.getValue();
    }

    /** Whether a tensor is a constant of the graph, as far as can be told: the same small one in all models. */
    static boolean isConstant(List<TensorInfo> tensors) {
        if (tensors.size() == 1 || tensors.get(0).bytes() > MOST_BYTES) {
            return false;
        }
        ByteBuffer pattern = values(tensors.get(0));
        for (TensorInfo tensor : tensors.subList(1, tensors.size())) {
            boolean alike = tensor.dtype() == tensors.get(0).dtype()
                    && tensor.bytes() == tensors.get(0).bytes();
            if (!alike || !values(tensor).equals(pattern)) {
                return false;
            }
        }
        return true;
    }

    private static ByteBuffer values(TensorInfo tensor) {
        ByteBuffer values = ByteBuffer.allocate((int) tensor.bytes());
        try (TensorValues in = TensorValues.open(tensor)) {
            in.read(0, values);
        }
        return values.flip();
    }
}
