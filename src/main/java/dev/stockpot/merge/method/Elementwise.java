package dev.stockpot.merge.method;

import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.Step;
import java.util.List;

/** A method that makes each element of the models' elements at its index alone. */
final class Elementwise implements MergeMethod {
    /** Makes an element. */
    @FunctionalInterface
    interface Element {
        Value of(FormulaBuilder f, MergeTensor tensor, Shares shares);
    }

    private final String name;
    private final String description;
    private final Base base;
    private final int fewest;
    private final int most;
    private final List<Parameter> parameters;
    private final Element element;

    Elementwise(
            String name,
            String description,
            Base base,
            int fewest,
            int most,
            List<Parameter> parameters,
            Element element) {
        this.name = name;
        this.description = description;
        this.base = base;
        this.fewest = fewest;
        this.most = most;
        this.parameters = List.copyOf(parameters);
        this.element = element;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public Base base() {
        return base;
    }

    @Override
    public int fewest() {
        return fewest;
    }

    @Override
    public int most() {
        return most;
    }

    @Override
    public Step merge(MergeTensor tensor) {
        FormulaBuilder f = Formula.builder();
        Shares shares = new Shares(f, tensor);
        f.out(element.of(f, tensor, shares));
        return shares.combine();
    }
}
