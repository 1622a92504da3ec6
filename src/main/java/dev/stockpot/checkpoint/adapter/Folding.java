package dev.stockpot.checkpoint.adapter;

import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.MemorySource;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Printable;
import dev.stockpot.text.TensorNames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Adapters that are added to a base. Which tensors they change, and to what, is known at once; the new values are calculated
 * where they are read.
 */
public final class Folding {
    private final Path path;
    private final Map<String, TensorInfo> base;
    private final Optional<DType> dtype;
    private final LinkedHashMap<String, TensorInfo> result;
    private final List<String> notes = new ArrayList<>();

    private Folding(Path path, Map<String, TensorInfo> base, Optional<DType> dtype) {
        this.path = path;
        this.base = base;
        this.dtype = dtype;
        this.result = new LinkedHashMap<>(base);
    }

    /** An adapter, and what its changes are multiplied with. */
    public record Weighted(AdapterTensors adapter, double weight) {}

    /**
     * A base's tensors with adapters folded in.
     *
     * @param tensors by name: the base's in its order, then those that only an adapter has
     * @param notes what to know about it, in words
     */
    public record Folded(TensorMap tensors, List<String> notes) {}

    /**
     * Folds adapters into a base.
     *
     * @param path of the base, for messages
     * @param dtype of the tensors that change; empty for the base's own
     * @throws CheckpointException if an adapter has tensors that the base lacks, or that have another shape there
     */
    public static Folded of(Path path, Map<String, TensorInfo> base, List<Weighted> adapters, Optional<DType> dtype) {
        Folding folding = new Folding(path, base, dtype);
        Map<String, List<Change>> products = new LinkedHashMap<>();
        for (Weighted each : adapters) {
            folding.add(each, products);
        }
        products.forEach(folding::put);
        folding.notes.addAll(TiedBase.notes(path, base, folding.result));
        return new Folded(TensorMap.of(folding.result), List.copyOf(folding.notes));
    }

    /** A module's factors, times {@code weight}. */
    private record Change(Path file, AdaptedModule module, double weight, Orientation orientation) {
        double scale() {
            return weight * module.scale();
        }
    }

    private void add(Weighted each, Map<String, List<Change>> products) {
        AdapterTensors adapter = each.adapter();
        BaseNames names = BaseNames.of(
                base.keySet(),
                adapter.modules().values().stream().map(AdaptedModule::weight).toList());
        notes.addAll(adapter.config().notes());
        replace(adapter, each.weight(), names);
        List<String> unknown = new ArrayList<>();
        Orientation.Evidence evidence = new Orientation.Evidence(adapter, path);
        Map<String, AdaptedModule> byName = new LinkedHashMap<>();
        for (AdaptedModule module : adapter.modules().values()) {
            Optional<String> name = names.of(module.weight());
            name.ifPresentOrElse(own -> byName.put(own, module), () -> unknown.add(module.weight()));
            name.ifPresent(own -> evidence.add(module, result.get(own)));
        }
        if (!unknown.isEmpty()) {
            Optional<CheckpointException> tied = TiedBase.lacksHead(adapter.file(), path, base, unknown);
            if (tied.isPresent()) {
                throw tied.get();
            }
            throw new CheckpointException(
                    Reason.NAMES_DIFFER,
                    adapter.file(),
                    "adapts " + unknown.size() + " of " + adapter.modules().size() + " tensors that " + path
                            + " lacks (" + TensorNames.listed(unknown) + "); that has "
                            + TensorNames.listed(base.keySet()),
                    Details.of()
                            .hint("an adapter goes with the model that it was trained from"
                                    + adapter.config()
                                            .base()
                                            .map(name -> ", " + Printable.name(name))
                                            .orElse("")));
        }
        byName.forEach((name, module) -> {
            products.computeIfAbsent(name, n -> new ArrayList<>())
                    .add(new Change(adapter.file(), module, each.weight(), evidence.of(module, result.get(name))));
            module.bias().ifPresent(bias -> addBias(adapter, module, names, each.weight(), products));
        });
    }

    /** Puts an adapter's own tensors in the place of the base's. */
    private void replace(AdapterTensors adapter, double weight, BaseNames names) {
        List<String> added = new ArrayList<>();
        adapter.whole().forEach((name, tensor) -> {
            String own = names.of(name).orElse(name);
            TensorInfo before = base.get(own);
            if (weight != 1) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED,
                        adapter.file(),
                        "replaces " + Printable.name(own)
                                + " (modules_to_save or bias), which cannot be done in part: with a weight of "
                                + weight,
                        Details.of().tensor(tensor.name()));
            }
            if (before != null && !before.shape().equals(tensor.shape())) {
                throw shapes(adapter.file(), Printable.name(tensor.name()) + " is " + tensor.shape(), before);
            }
            if (before == null) {
                added.add(own);
            }
            if (result.get(own) != before) {
                throw new CheckpointException(
                        Reason.NAMES_COLLIDE,
                        adapter.file(),
                        "replaces " + Printable.name(own) + " as another adapter does",
                        Details.of().tensor(tensor.name()));
            }
            result.put(own, tensor.named(own));
        });
        if (!added.isEmpty()) {
            notes.add("the adapter " + adapter.file() + " brings tensors that " + path + " has not: "
                    + TensorNames.listed(added));
        }
    }

    private void addBias(
            AdapterTensors adapter,
            AdaptedModule module,
            BaseNames names,
            double weight,
            Map<String, List<Change>> products) {
        String wanted = module.name() + ".bias";
        TensorInfo before = names.of(wanted).map(result::get).orElse(null);
        TensorInfo bias = module.bias().orElseThrow();
        if (before == null || !before.shape().equals(bias.shape())) {
            throw new CheckpointException(
                    before == null ? Reason.NAMES_DIFFER : Reason.SHAPES_DIFFER,
                    adapter.file(),
                    "adapts the bias " + wanted + " " + bias.shape() + ", but " + path + " has "
                            + (before == null ? "none" : before.shape().toString()),
                    Details.of().tensor(bias.name()));
        }
        products.computeIfAbsent(before.name(), n -> new ArrayList<>())
                .add(new Change(adapter.file(), module, weight, Orientation.BIAS));
    }

    /** Makes one tensor the sum of what it was and of products. */
    private void put(String name, List<Change> products) {
        TensorInfo before = result.get(name);
        if (!before.dtype().isFloat()) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    path,
                    "has " + Printable.name(name) + " as " + before.dtype() + ", to which nothing can be added",
                    Details.of()
                            .tensor(name)
                            .hint("a quantised base is to be dequantised first; or take the original"));
        }
        List<Factors.Part> left = new ArrayList<>();
        List<Factors.Part> right = new ArrayList<>();
        for (Change each : products) {
            each.orientation().add(each.module(), each.scale(), left, right);
        }
        DType type = dtype.orElse(before.dtype());
        ProductValues values = products.get(0).orientation() == Orientation.BIAS
                ? ProductValues.ofBiases(before, new Factors(right), type)
                : new ProductValues(Optional.of(before), new Factors(left), new Factors(right), type);
        MemorySource source = new MemorySource(path + " with " + products.get(0).file() + ": " + name, values);
        result.put(name, new TensorInfo(name, type, before.shape(), source, 0, values.bytes()));
    }

    static CheckpointException shapes(Path file, String what, TensorInfo base) {
        return new CheckpointException(
                Reason.SHAPES_DIFFER,
                file,
                what + ", but the base has " + Printable.name(base.name()) + " of " + base.shape(),
                Details.of().tensor(base.name()).hint("the adapter is of another model"));
    }
}
