package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Tensor;
import dev.stockpot.checkpoint.torch.storage.Spool;
import dev.stockpot.checkpoint.torch.storage.TensorPlacer;
import dev.stockpot.checkpoint.torch.storage.View;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A PyTorch file whose structure others are written into: its nesting, its kinds of containers, its plain values and its tied
 * tensors stay, and so do the tensors that are not its weights. Weights come out contiguous, each tensor or group of tied
 * ones over a storage of its own.
 */
public final class TorchTemplate {
    private static final int NAMES_SHOWN = 3;

    private final Path file;
    private final OpenOptions options;
    private final Value root;
    private final StructureScan scan;
    private final Value mapping;
    private final Map<String, Tensor> weights;
    private final Map<View, List<String>> names = new LinkedHashMap<>();
    private final Map<Tensor, String> ofWeights = new IdentityHashMap<>();
    private final Map<View, TensorInfo> kept = new LinkedHashMap<>();

    private TorchTemplate(
            Path file,
            OpenOptions options,
            Value root,
            StructureScan scan,
            Value mapping,
            Map<String, Tensor> weights) {
        this.mapping = mapping;
        this.file = file;
        this.options = options;
        this.root = root;
        this.scan = scan;
        this.weights = weights;
        weights.forEach((name, tensor) -> {
            names.computeIfAbsent(View.of(tensor), v -> new ArrayList<>()).add(name);
            ofWeights.putIfAbsent(tensor, name);
        });
    }

    /**
     * Reads the structure of {@code file}. A prefix is taken off its names where it has it on all of them.
     *
     * @param options where its weights are
     * @throws CheckpointException where it is damaged, its weights are not found, or they lie within something that cannot be
     *     written again
     */
    public static TorchTemplate open(Path file, OpenOptions options) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                Spool spool = new Spool(file)) {
            TorchStructure structure = TorchStructure.read(file, channel, spool);
            if (structure.code()) {
                throw new CheckpointException(file, "is a TorchScript archive: its code is not written again");
            }
            WeightsFinder finder = new WeightsFinder(file, structure.root(), false);
            boolean chosen = options.key() != null;
            WeightsFinder.Found found = finder.find(options.key());
            Map<String, Tensor> weights = finder.tensors(found, chosen);
            StructureScan scan = new StructureScan(file, structure.root());
            if (!weights.values().stream().allMatch(scan::holds)) {
                throw new CheckpointException(
                        file,
                        "has its weights within something that cannot be written again: "
                                + String.join(", ", scan.leftOut()));
            }
            String prefix = options.stripPrefix();
            boolean strips = prefix != null
                    && weights.keySet().stream().allMatch(n -> n.startsWith(prefix) && n.length() > prefix.length());
            TorchTemplate template = new TorchTemplate(
                    file,
                    options.withStripPrefix(strips ? prefix : null),
                    structure.root(),
                    scan,
                    found.mapping(),
                    strips ? stripped(weights, prefix) : weights);
            template.place(new TensorPlacer(file, channel, structure.storages(), spool));
            spool.keep();
            return template;
        } catch (IOException e) {
            throw new CheckpointException(file, "cannot be read: " + e, null, e);
        } catch (OutOfMemoryError e) {
            throw new CheckpointException(
                    file, "has a pickle too large for the Java heap", "give the JVM more, such as -Xmx1g", e);
        }
    }

    private static Map<String, Tensor> stripped(Map<String, Tensor> weights, String prefix) {
        Map<String, Tensor> stripped = new LinkedHashMap<>();
        weights.forEach((name, tensor) -> stripped.put(name.substring(prefix.length()), tensor));
        return stripped;
    }

    /** Finds the values of the tensors that are not weights, nor tied to one. */
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

    /** What opens a file of this structure, and gives its weights by the names that they have here. */
    public OpenOptions options() {
        return options;
    }

    /** The tensors that are kept as they are, by names that no weight has. */
    public List<TensorInfo> kept() {
        return List.copyOf(kept.values());
    }

    /** The names of weights that are tied, group by group. */
    public List<List<String>> ties() {
        return names.values().stream().filter(group -> group.size() > 1).toList();
    }

    /** What is not kept, each by its place and with what it is. */
    public List<String> leftOut() {
        return scan.leftOut();
    }

    /**
     * Checks that {@code tensors} have the names and shapes of its weights.
     *
     * @throws CheckpointException where they have not
     */
    public void check(List<TensorSpec> tensors) {
        TreeSet<String> missing = new TreeSet<>(weights.keySet());
        TreeSet<String> extra = new TreeSet<>();
        for (TensorSpec tensor : tensors) {
            Tensor weight = weights.get(tensor.name());
            if (weight == null) {
                extra.add(tensor.name());
                continue;
            }
            missing.remove(tensor.name());
            List<Long> shape = View.of(weight).shape();
            if (!shape.equals(tensor.shape())) {
                throw new CheckpointException(
                        file,
                        "has another shape of " + tensor.name() + ": " + shape + ", not the output's "
                                + tensor.shape());
            }
        }
        if (!missing.isEmpty() || !extra.isEmpty()) {
            String what = List.of(listed("lacks", extra), listed("has in addition", missing)).stream()
                    .filter(s -> !s.isEmpty())
                    .collect(Collectors.joining(" and "));
            throw new CheckpointException(
                    file,
                    what + ", compared with the output",
                    "its structure takes weights of the same names; --strip-prefix PREFIX takes a prefix off those that"
                            + " have it, and the file gets its own back",
                    null);
        }
    }

    private static String listed(String verb, TreeSet<String> names) {
        if (names.isEmpty()) {
            return "";
        }
        String shown = names.stream().limit(NAMES_SHOWN).collect(Collectors.joining(", "));
        String more = names.size() > NAMES_SHOWN ? ", ..." : "";
        return verb + " " + names.size() + (names.size() == 1 ? " tensor (" : " tensors (") + shown + more + ")";
    }

    /**
     * A file of this structure with other weights.
     *
     * @param out to be written, for its name and for errors
     * @param tensors that passed {@link #check}
     * @param tied names of tensors, each to the name of the one whose values it shares
     * @param metadata kept in the map's order
     * @throws CheckpointException where the file cannot hold them
     */
    public CheckpointLayout layout(
            Path out, List<TensorSpec> tensors, Map<String, String> tied, Map<String, String> metadata) {
        Map<String, TensorSpec> specs = new HashMap<>();
        tensors.forEach(t -> specs.put(t.name(), t));
        StructurePickle.Written written = StructurePickle.of(out, root, scan, mapping, (tensor, place) -> {
            String name = weight(tensor, place);
            if (name == null) {
                TensorInfo info = kept.get(View.of(tensor));
                return new TensorSpec(info.name(), info.dtype(), info.shape());
            }
            return specs.get(tied.getOrDefault(name, name));
        });
        return TorchLayout.file(out, written.bytes(), written.storages(), metadata);
    }

    /** The weight that {@code tensor} is at its place in the file, or is tied to; null where it is none. */
    private String weight(Tensor tensor, String place) {
        String prefix = options.stripPrefix() == null ? "" : options.stripPrefix();
        String name = place == null || !place.startsWith(prefix) ? null : place.substring(prefix.length());
        if (name != null && weights.get(name) == tensor) {
            return name;
        }
        List<String> tied = names.get(View.of(tensor));
        return ofWeights.getOrDefault(tensor, tied == null ? null : tied.get(0));
    }
}
