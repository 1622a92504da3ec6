package dev.stockpot.merge.method;

import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.merge.Fact;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Shares of a tensor's elements, counted by the formula that makes them: facts by model, in the models' order. */
final class Shares {
    /** The names that methods share. */
    static final String KEPT = "kept";

    static final String AGREEMENT = "sign_agreement";

    /** A share that is known, or the places of two counts; none of the second is all elements. */
    private record Share(double known, int part, int whole) {
        double of(long[] counts, long elements) {
            return part < 0 ? known : ratio(counts[part], whole < 0 ? elements : counts[whole]);
        }
    }

    private static final MergeTensor NOBODYS = new MergeTensor("", List.of(), 0, false, 0, Map.of());

    private final FormulaBuilder f;
    private final MergeTensor tensor;
    private final Map<String, List<Share>> byModel = new LinkedHashMap<>();
    private final Map<String, Share> single = new LinkedHashMap<>();

    Shares(FormulaBuilder f, MergeTensor tensor) {
        this.f = f;
        this.tensor = tensor;
    }

    /** Shares that nobody wants. */
    static Shares of(FormulaBuilder f) {
        return new Shares(f, NOBODYS);
    }

    /** The next model's share of all elements: those at which {@code mark} is not 0. */
    void add(String name, Value mark) {
        if (tensor.facts()) {
            add(name, new Share(0, f.count(mark), -1));
        }
    }

    /** The next model's share of the elements at which {@code whole} is not 0. */
    void add(String name, Value mark, Value whole) {
        if (tensor.facts()) {
            add(name, new Share(0, f.count(mark), f.count(whole)));
        }
    }

    /** The next model's share, which is known without counting. */
    void add(String name, double share) {
        add(name, new Share(share, -1, -1));
    }

    /** One share of all elements. */
    void single(String name, Value mark) {
        if (tensor.facts()) {
            single.put(name, new Share(0, f.count(mark), -1));
        }
    }

    private void add(String name, Share share) {
        byModel.computeIfAbsent(name, n -> new ArrayList<>()).add(share);
    }

    /** Makes the elements with the formula, and tells the shares if they are wanted. */
    Step combine() {
        return tensor.facts() && !(byModel.isEmpty() && single.isEmpty())
                ? new Step.Counted(f.build(), this::facts)
                : new Step.Combine(f.build());
    }

    /** The shares that counts of all elements make. */
    List<Fact> facts(long[] counts) {
        long elements = tensor.elements();
        List<Fact> facts = new ArrayList<>();
        single.forEach((name, share) -> facts.add(new Fact.Number(name, share.of(counts, elements))));
        byModel.forEach((name, shares) -> facts.add(new Fact.ByModel(
                name, shares.stream().map(share -> share.of(counts, elements)).toList())));
        return facts;
    }

    /** NaN of nothing. */
    static double ratio(long part, long whole) {
        return (double) part / whole;
    }
}
