package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.file.Template;
import dev.stockpot.checkpoint.file.WeightNames;
import dev.stockpot.checkpoint.spool.Spool;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Tensor;
import dev.stockpot.checkpoint.torch.storage.TensorPlacer;
import dev.stockpot.checkpoint.torch.storage.View;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.Figures;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A PyTorch file whose structure outputs are written into: its nesting, its kinds of containers, its plain values and its
 * tied tensors stay, and so do the tensors that are not its weights. Weights are written contiguous, each tensor or group of
 * tied tensors over a storage of its own.
 */
public final class TorchTemplate implements Template {
    private final Path file;
    private final Optional<String> stripped;
    private final Value root;
    private final StructureScan scan;
    private final Weights found;
    private final Map<String, Tensor> weights;
    /** The weights' names by those in the file. */
    private final Map<String, String> places;
    /** Those of the file's weights that are none of the output's. */
    private final Set<String> weightsKept;

    private final Map<View, List<String>> names = new LinkedHashMap<>();
    private final Map<Tensor, String> ofWeights = new IdentityHashMap<>();
    private final Map<View, TensorInfo> kept = new LinkedHashMap<>();
    private Optional<Closeable> copied = Optional.empty();

    private TorchTemplate(
            Path file,
            Optional<String> stripped,
            Value root,
            StructureScan scan,
            Weights found,
            Map<String, Tensor> weights,
            Map<String, String> places,
            Set<String> weightsKept) {
        this.weightsKept = weightsKept;
        this.found = found;
        this.places = places;
        this.file = file;
        this.stripped = stripped;
        this.root = root;
        this.scan = scan;
        this.weights = weights;
        weights.forEach((name, tensor) -> {
            names.computeIfAbsent(View.of(tensor), v -> new ArrayList<>()).add(name);
            ofWeights.putIfAbsent(tensor, name);
        });
    }

    /**
     * Reads the structure of {@code file}.
     *
     * @throws CheckpointException if it is damaged, its weights are not found, or they are within something that cannot be
     *     written again
     */
    public static TorchTemplate open(Path file, Naming naming) {
        try (RandomFile in = RandomFile.open(file);
                Spool spool = new Spool(in)) {
            TorchStructure structure = TorchStructure.read(file, in, spool);
            if (structure.code()) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED, file, "is a TorchScript archive: its code is not written again");
            }
            Weights found = new Weights(file, structure, naming.keys(), naming.marking());
            Map<String, Tensor> weights = found.tensors();
            StructureScan scan = new StructureScan(found.budget(), structure.root());
            if (!weights.values().stream().allMatch(scan::holds)) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED,
                        file,
                        "has its weights within something that cannot be written again: " + scan.leftOut());
            }
            String prefix = naming.stripPrefix().orElse("");
            boolean strips = !prefix.isEmpty()
                    && weights.keySet().stream().anyMatch(n -> n.startsWith(prefix) && n.length() > prefix.length());
            Map<String, String> places = WeightNames.of(weights.keySet(), prefix, naming.rename());
            Set<String> keptWeights = new LinkedHashSet<>(places.values());
            keptWeights.retainAll(naming.keeping());
            places.values().removeAll(naming.keeping());
            TorchTemplate template = new TorchTemplate(
                    file,
                    strips ? naming.stripPrefix() : Optional.empty(),
                    structure.root(),
                    scan,
                    found,
                    named(weights, places),
                    places,
                    keptWeights);
            template.place(new TensorPlacer(file, in, structure.storages(), spool));
            in.checkUnchanged();
            template.copied = spool.keep();
            return template;
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        } catch (OutOfMemoryError e) {
            throw new CheckpointException(
                    Reason.NO_MEMORY,
                    file,
                    "has a pickle too large for the Java heap",
                    Details.of().hint("give the JVM more, such as -Xmx1g").cause(e));
        }
    }

    @Override
    public void close() {
        try {
            if (copied.isPresent()) {
                copied.get().close();
            }
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }

    private static Map<String, Tensor> named(Map<String, Tensor> weights, Map<String, String> places) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        places.forEach((place, name) -> named.put(name, weights.get(place)));
        return named;
    }

    /** Finds the values of the tensors that are neither weights nor tied to one. */
    private void place(TensorPlacer placer) throws IOException {
        for (Map.Entry<String, Tensor> entry : scan.tensors().entrySet()) {
            Tensor tensor = entry.getValue();
            View view = View.of(tensor);
            if (!names.containsKey(view) && !kept.containsKey(view)) {
                String name = entry.getKey();
                while (weights.containsKey(name)) {
                    name += "'";
                }
                kept.put(view, placer.place(name, tensor));
            }
        }
    }

    @Override
    public Set<String> weightsKept() {
        return weightsKept;
    }

    @Override
    public Set<String> names() {
        return places.keySet();
    }

    @Override
    public Optional<String> stripped() {
        return stripped;
    }

    @Override
    public List<TensorInfo> kept() {
        return List.copyOf(kept.values());
    }

    @Override
    public List<List<String>> ties() {
        return names.values().stream().filter(group -> group.size() > 1).toList();
    }

    @Override
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        String leftOut = scan.leftOut().toString();
        if (!leftOut.isEmpty()) {
            notes.add("left out what cannot be written again: " + leftOut);
        }
        String besides =
                found.besides(value -> scan.keeps(Value.None.NONE, value)).toString();
        if (!besides.isEmpty()) {
            notes.add("the output keeps, as they are there: " + besides);
        }
        return notes;
    }

    @Override
    public List<String> warnings() {
        return found.unread().weights().stream()
                .map(choice -> choice.key() + " (" + Figures.count(choice.tensors(), "tensor")
                        + ") is not averaged: the output has the values of this file")
                .toList();
    }

    @Override
    public Map<String, List<Long>> shapes() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        weights.forEach((name, tensor) -> shapes.put(name, View.of(tensor).shape()));
        return shapes;
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public CheckpointLayout layout(
            Path out, List<TensorSpec> tensors, Map<String, String> tied, Map<String, String> metadata) {
        Map<String, TensorSpec> specs = new HashMap<>();
        tensors.forEach(t -> specs.put(t.name(), t));
        StructurePickle.Written written = StructurePickle.of(out, root, scan, found.marks(), (tensor, place) -> {
            String name = weight(tensor, place);
            if (name == null) {
                TensorInfo info = kept.get(View.of(tensor));
                return new TensorSpec(info.name(), info.dtype(), info.shape());
            }
            return specs.get(tied.getOrDefault(name, name));
        });
        return TorchLayout.file(out, written.bytes(), written.storages(), metadata);
    }

    /** The name of the weight that {@code tensor} is at its place in the file, or is tied to; null if there is none. */
    private String weight(Tensor tensor, Place place) {
        String name = place == null ? null : places.get(place.name() + place.mark());
        if (name != null && weights.get(name) == tensor) {
            return name;
        }
        List<String> tied = names.get(View.of(tensor));
        return ofWeights.getOrDefault(tensor, tied == null ? null : tied.get(0));
    }
}
