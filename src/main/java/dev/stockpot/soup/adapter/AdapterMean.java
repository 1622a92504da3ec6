package dev.stockpot.soup.adapter;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.adapter.AdaptedModule;
import dev.stockpot.checkpoint.adapter.AdapterTensors;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.Printable;
import dev.stockpot.text.TensorNames;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** LoRA adapters that are to be averaged: which modules their average changes, and by what. */
public final class AdapterMean {
    private final List<Checkpoint> checkpoints;
    private final List<AdapterTensors> adapters;
    private final List<String> modules;
    private final OptionalInt rank;

    private AdapterMean(
            List<Checkpoint> checkpoints, List<AdapterTensors> adapters, List<String> modules, OptionalInt rank) {
        this.checkpoints = checkpoints;
        this.adapters = adapters;
        this.modules = modules;
        this.rank = rank;
    }

    /** Each ingredient's weight, divided by their sum where they are, for a tensor. */
    public interface Weights {
        double[] of(TensorSpec tensor);
    }

    /**
     * The average.
     *
     * @param tensors the factors
     * @param config the text of its {@code adapter_config.json}
     * @param reductions of the modules whose rank is reduced
     */
    public record Averaged(List<MixTensor> tensors, String config, Reductions reductions) {}

    /** Whether a checkpoint has factors with the names that PEFT gives them. */
    public static boolean isAdapter(Checkpoint checkpoint) {
        for (String name : checkpoint.tensors().keySet()) {
            if (isFactor(name)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isFactor(String name) {
        return name.contains(".lora_A")
                || name.contains(".lora_B")
                || name.contains(".lora_embedding_")
                || name.contains(".lora_magnitude_vector");
    }

    /** The same without its factors. */
    public static Checkpoint withoutFactors(Checkpoint checkpoint) {
        List<TensorInfo> whole = new ArrayList<>();
        checkpoint.tensors().values().forEach(tensor -> {
            if (!isFactor(tensor.name())) {
                whole.add(tensor);
            }
        });
        return checkpoint.withTensors(whole);
    }

    /**
     * Matches the modules of adapters.
     *
     * @throws dev.stockpot.error.CheckpointException if one is no adapter, or of another kind
     * @throws SoupException if they adapt different modules, and {@code options} do not say what to do, or the same of other
     *     shapes
     */
    public static AdapterMean of(List<Checkpoint> checkpoints, MatchOptions options) {
        List<AdapterTensors> adapters = new ArrayList<>();
        for (Checkpoint checkpoint : checkpoints) {
            adapters.add(AdapterTensors.of(
                    checkpoint.path(),
                    checkpoint.files().stream().map(Checkpoint.FileSize::file).findFirst(),
                    checkpoint.tensors().values()));
        }
        Set<String> all = new LinkedHashSet<>(adapters.get(0).modules().keySet());
        for (int k = 1; k < adapters.size(); k++) {
            Set<String> own = adapters.get(k).modules().keySet();
            if (!own.equals(adapters.get(0).modules().keySet())) {
                switch (options.onMissing()) {
                    case ERROR -> throw differ(checkpoints, adapters, k);
                    case SKIP -> all.retainAll(own);
                    case KEEP -> all.addAll(own);
                }
            }
        }
        if (all.isEmpty()) {
            throw new SoupException(
                    Reason.NOTHING_IN_COMMON,
                    "the adapters change no module in common",
                    Details.of().hint("they are of several models, or of several kinds of layers"));
        }
        AdapterMean mean = new AdapterMean(checkpoints, adapters, List.copyOf(all), options.rank());
        all.forEach(mean::checkShapes);
        return mean;
    }

    private static SoupException differ(List<Checkpoint> checkpoints, List<AdapterTensors> adapters, int other) {
        Set<String> first = new TreeSet<>(adapters.get(0).modules().keySet());
        Set<String> second = new TreeSet<>(adapters.get(other).modules().keySet());
        Set<String> common = new TreeSet<>(first);
        common.retainAll(second);
        first.removeAll(common);
        second.removeAll(common);
        List<String> words = new ArrayList<>();
        for (Set<String> alone : List.of(first, second)) {
            if (!alone.isEmpty()) {
                int whose = alone == first ? 0 : other;
                words.add(TensorNames.listed(alone) + " only in "
                        + checkpoints.get(whose).path());
            }
        }
        return new SoupException(
                Reason.NAMES_DIFFER,
                "the adapters change different modules: " + String.join("; ", words),
                Details.of()
                        .file(checkpoints.get(other).path())
                        .number("common", common.size())
                        .number("names", common.size() + first.size() + second.size())
                        .choices(List.of("skip", "keep")));
    }

    private void checkShapes(String name) {
        AdaptedModule first = null;
        for (int k = 0; k < adapters.size(); k++) {
            AdaptedModule module = adapters.get(k).modules().get(name);
            if (first == null) {
                first = module;
            } else if (module != null && !alike(first, module)) {
                throw new SoupException(
                        Reason.SHAPES_DIFFER,
                        "module " + Printable.name(name) + " has factors "
                                + first.b().shape() + " and "
                                + first.a().shape() + " in "
                                + first.a().source() + ", but "
                                + module.b().shape() + " and " + module.a().shape() + " in "
                                + checkpoints.get(k).path(),
                        Details.of()
                                .file(checkpoints.get(k).path())
                                .tensor(module.a().name())
                                .hint("these are adapters of different models"));
            }
        }
    }

    /** But for the rank. */
    private static boolean alike(AdaptedModule a, AdaptedModule b) {
        return a.embedding() == b.embedding()
                && a.a().shape()
                        .subList(1, a.a().shape().size())
                        .equals(b.a().shape().subList(1, b.a().shape().size()))
                && a.outputs() == b.outputs();
    }

    /** What to know about it, in words. */
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        adapters.forEach(adapter -> notes.addAll(adapter.config().notes()));
        List<String> lacking = modules.stream()
                .filter(name ->
                        adapters.stream().anyMatch(adapter -> !adapter.modules().containsKey(name)))
                .toList();
        if (!lacking.isEmpty()) {
            notes.add("adapters that lack a module change nothing there: " + TensorNames.listed(lacking));
        }
        return notes;
    }

    /**
     * The average. An adapter that lacks a module counts as one that does not change it.
     *
     * @param dtype of the factors; empty for the ingredients' own
     */
    public Averaged averaged(Weights weights, Optional<DType> dtype) {
        List<MeanModule> means = new ArrayList<>();
        for (String name : modules) {
            List<AdaptedModule> parts = new ArrayList<>();
            List<Double> shares = new ArrayList<>();
            double[] all = null;
            for (int k = 0; k < adapters.size(); k++) {
                AdaptedModule module = adapters.get(k).modules().get(name);
                if (module != null) {
                    all = all == null ? weights.of(module.b().spec()) : all;
                    parts.add(module);
                    shares.add(all[k] * module.scale());
                }
            }
            double[] own = shares.stream().mapToDouble(Double::doubleValue).toArray();
            means.add(new MeanModule(parts, own, rank, dtype));
        }
        List<MixTensor> tensors = new ArrayList<>();
        means.forEach(mean -> tensors.addAll(mean.tensors()));
        return new Averaged(tensors, new MeanConfig(adapters, means).text(), Reductions.of(means));
    }
}
