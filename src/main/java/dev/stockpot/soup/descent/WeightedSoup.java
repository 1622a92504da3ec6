package dev.stockpot.soup.descent;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.pass.TensorGradient;
import dev.stockpot.evaluate.GradientEvaluator.Gradient.Part;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.mixture.Weights;
import dev.stockpot.soup.options.Granularity;
import dev.stockpot.soup.search.CandidateFiles;
import dev.stockpot.soup.search.SoupCandidate;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Ingredients whose averaged tensors are summed with coefficients that groups of tensors share. */
public final class WeightedSoup {
    private final Ingredients matched;
    private final Optional<DType> dtype;
    private final Map<String, Integer> groups = new LinkedHashMap<>();
    private final Map<String, Integer> groupOf = new LinkedHashMap<>();

    /** @param dtype of the float tensors; empty for the first ingredient's */
    public WeightedSoup(Ingredients matched, Optional<DType> dtype, Granularity granularity) {
        this.matched = matched;
        this.dtype = dtype;
        matched.tensors().forEach((name, counterparts) -> {
            if (counterparts.averaged()) {
                String group = granularity.group(matched.ties().getOrDefault(name, name));
                groups.putIfAbsent(group, groups.size());
                groupOf.put(name, groups.get(group));
            }
        });
    }

    /** The ingredients, in the order in which they are summed. */
    public List<Checkpoint> ingredients() {
        return matched.checkpoints();
    }

    /** The groups' names, in the order of their coefficients. */
    public List<String> groups() {
        return List.copyOf(groups.keySet());
    }

    /** Whether tensors are tied, so that they have the same coefficients. */
    public boolean hasTies() {
        return !matched.ties().isEmpty();
    }

    /** Bytes of the largest ingredient. */
    public long largest() {
        return ingredients().stream().mapToLong(Checkpoint::bytes).max().orElse(0);
    }

    private List<TensorInfo> sources(String tensor) {
        return matched.tensors().get(tensor).tensors();
    }

    /**
     * The loss's derivatives with respect to the mixed weights, together with the tensors that were mixed: by the chain rule,
     * the derivative with respect to an ingredient's coefficient is the dot product of the two, over the group's tensors.
     *
     * @param byTensor the derivatives by tensor name; the loss does not depend on other tensors
     */
    public List<TensorGradient> gradients(Map<String, Part> byTensor) {
        List<TensorGradient> gradients = new ArrayList<>();
        groupOf.keySet().forEach(name -> {
            Part part = byTensor.get(name);
            if (part != null) {
                gradients.add(new TensorGradient(name, part.tensor().dtype(), part.values(), sources(name)));
            }
        });
        return gradients;
    }

    /** Whether a tensor is averaged; others do not change. */
    public boolean isWeighted(String tensor) {
        return groupOf.containsKey(tensor);
    }

    /** The number of an averaged tensor's group. */
    public int group(String tensor) {
        return groupOf.get(tensor);
    }

    /** The candidate's tensors with these coefficients. */
    public List<MixTensor> tensors(Coefficients coefficients) {
        return mixture(coefficients.alpha(), Map.of()).tensors();
    }

    /** A candidate with these coefficients. */
    public SoupCandidate candidate(String name, Coefficients coefficients, Engine engine, CandidateFiles files) {
        return new SoupCandidate(name, mixture(coefficients.alpha(), Map.of()), engine, files);
    }

    /** The sum with these coefficients; not divided by their sum. */
    public Mixture mixture(double[][] alpha, Map<String, String> recipe) {
        List<MixTensor> tensors = new ArrayList<>();
        matched.tensors().forEach((name, counterparts) -> {
            Integer group = groupOf.get(name);
            Weights weights = group == null ? Weights.EQUAL : Weights.of(alpha[group], false);
            tensors.add(Mixture.tensor(name, counterparts, ingredients(), weights, dtype));
        });
        return Mixture.of(ingredients(), tensors, recipe).with(matched.report());
    }
}
