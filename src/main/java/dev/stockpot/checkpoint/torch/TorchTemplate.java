package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.file.AveragedModel;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Tensor;
import dev.stockpot.checkpoint.torch.storage.Spool;
import dev.stockpot.checkpoint.torch.storage.TensorPlacer;
import dev.stockpot.checkpoint.torch.storage.View;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.NameList;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A PyTorch file whose structure outputs are written into: its nesting, its kinds of containers, its plain values and its
 * tied tensors stay, and so do the tensors that are not its weights. Weights are written contiguous, each tensor or group of
 * tied tensors over a storage of its own.
 */
public final class TorchTemplate implements Closeable {
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
     * Reads the structure of {@code file}. A prefix is stripped from the names that begin with it.
     *
     * @param keys where its weights are; none to look in the usual places
     * @param marking whether names that several of the keys have are marked
     * @param stripPrefix the prefix to strip from its names, if any
     * @param rename the name that a name becomes after that
     * @param keeping names that are no weights of the output: their tensors stay as they are
     * @throws CheckpointException if it is damaged, its weights are not found, or they are within something that cannot be
     *     written again
     */
    public static TorchTemplate open(
            Path file,
            List<String> keys,
            boolean marking,
            Optional<String> stripPrefix,
            UnaryOperator<String> rename,
            Set<String> keeping) {
        try (RandomFile in = RandomFile.open(file);
                Spool spool = new Spool(in)) {
            TorchStructure structure = TorchStructure.read(file, in, spool);
            if (structure.code()) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED, file, "is a TorchScript archive: its code is not written again");
            }
            Weights found = new Weights(file, structure, keys, marking);
            Map<String, Tensor> weights = found.tensors();
            StructureScan scan = new StructureScan(found.budget(), structure.root());
            if (!weights.values().stream().allMatch(scan::holds)) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED,
                        file,
                        "has its weights within something that cannot be written again: " + scan.leftOut());
            }
            String prefix = stripPrefix.orElse("");
            boolean strips = !prefix.isEmpty()
                    && weights.keySet().stream().anyMatch(n -> n.startsWith(prefix) && n.length() > prefix.length());
            Map<String, String> places = WeightNames.of(weights.keySet(), prefix, rename);
            Set<String> keptWeights = new LinkedHashSet<>(places.values());
            keptWeights.retainAll(keeping);
            places.values().removeAll(keeping);
            TorchTemplate template = new TorchTemplate(
                    file,
                    strips ? stripPrefix : Optional.empty(),
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

    /** Deletes the copies of values that could not be read in place; it cannot be written into afterwards. */
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

    /**
     * The prefix without which its names are {@code others}; empty if there is none.
     *
     * @param others the names of an output's tensors
     */
    public Optional<String> prefixOver(Set<String> others) {
        Set<String> own = new HashSet<>(weights.keySet());
        if (!others.contains(AveragedModel.COUNTER) && AveragedModel.has(own, AveragedModel.MODULE)) {
            own.remove(AveragedModel.COUNTER);
        }
        if (own.size() != others.size() || others.isEmpty() || own.equals(others)) {
            return Optional.empty();
        }
        // A prefix changes no order.
        String mine = Collections.min(own);
        String plain = Collections.min(others);
        String prefix = mine.endsWith(plain) ? mine.substring(0, mine.length() - plain.length()) : "";
        boolean all = others.stream().allMatch(name -> weights.containsKey(prefix + name));
        return all && prefix.endsWith(".") ? Optional.of(prefix) : Optional.empty();
    }

    /** The names of the weights that stay as they are, as that was asked for. */
    public Set<String> weightsKept() {
        return weightsKept;
    }

    /** The names of its weights in the file. */
    public Set<String> names() {
        return places.keySet();
    }

    /** The prefix that was stripped from its names, if any had it. */
    public Optional<String> stripped() {
        return stripped;
    }

    /** The tensors that are kept as they are, under names that no weight has. */
    public List<TensorInfo> kept() {
        return List.copyOf(kept.values());
    }

    /** The names of weights that are tied, group by group. */
    public List<List<String>> ties() {
        return names.values().stream().filter(group -> group.size() > 1).toList();
    }

    /** The entries that are not kept, the first of them each with its place and what prevents it; empty if there are none. */
    public String leftOut() {
        return scan.leftOut().toString();
    }

    /** The first keys of the file under which everything is kept as it is; empty if there are none. */
    public String besides() {
        return found.besides(value -> scan.keeps(Value.None.NONE, value)).toString();
    }

    /** The keys of mappings that may be weights too and are kept as they are, with the numbers of their tensors. */
    public Map<String, Integer> further() {
        Map<String, Integer> further = new LinkedHashMap<>();
        found.unread().weights().forEach(choice -> further.put(choice.key(), choice.tensors()));
        return further;
    }

    /**
     * Checks that {@code tensors} have the names and shapes of its weights.
     *
     * @throws CheckpointException if they do not
     */
    public void check(List<TensorSpec> tensors) {
        Set<String> names = tensors.stream().map(TensorSpec::name).collect(Collectors.toSet());
        for (TensorSpec tensor : tensors) {
            Tensor weight = weights.get(tensor.name());
            List<Long> shape = weight == null ? tensor.shape() : View.of(weight).shape();
            if (!shape.equals(tensor.shape())) {
                throw new CheckpointException(
                        Reason.SHAPES_DIFFER,
                        file,
                        "has another shape of " + tensor.name() + ": " + shape + ", not the output's " + tensor.shape(),
                        Details.of().tensor(tensor.name()));
            }
        }
        if (!names.equals(weights.keySet())) {
            throw new CheckpointException(
                    Reason.NOT_ALIKE,
                    file,
                    NameList.difference(weights.keySet(), names) + ", compared with the output",
                    Details.of().hint("its structure takes weights of the same names, with or without a prefix"));
        }
    }

    /**
     * A file of this structure with other weights.
     *
     * @param out the file to write, for its name and for errors
     * @param tensors that passed {@link #check}
     * @param tied names of tensors, each mapped to the name of the one whose values it shares
     * @param metadata kept in the map's order
     * @throws CheckpointException if the file cannot hold them
     */
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
