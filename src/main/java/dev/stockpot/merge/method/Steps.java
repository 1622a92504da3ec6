package dev.stockpot.merge.method;

import dev.stockpot.engine.Average;
import dev.stockpot.engine.Calculated;
import dev.stockpot.engine.Copy;
import dev.stockpot.engine.Later;
import dev.stockpot.engine.Measured;
import dev.stockpot.engine.Measurement;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Tally;
import dev.stockpot.engine.Way;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.merge.Fact;
import dev.stockpot.merge.FactListener;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Step;
import dev.stockpot.merge.reduce.Reduced;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** What the engine does for a method's steps. */
public final class Steps {
    /** What any step needs that follows a reduction: a vector of marks. */
    private static final Needs FOLLOWING = new Needs(1, 8, Long.MAX_VALUE);

    private final MergeTensor tensor;
    private final FactListener listener;

    private final int sources;

    private Steps(MergeTensor tensor, FactListener listener, int sources) {
        this.tensor = tensor;
        this.listener = listener;
        this.sources = sources;
    }

    /**
     * An output tensor, whose formulas are made whenever a run comes to it.
     *
     * @param sources the models' tensors in order, and the base's if there is one
     * @param first begins it; asked for each time, and the same each time
     * @param listener told the tensor's facts; those that no value decides, at once
     */
    public static MixTensor tensor(
            MergeTensor tensor, DType dtype, List<TensorInfo> sources, Supplier<Step> first, FactListener listener) {
        List<Fact> known = new ArrayList<>();
        Step step = first.get();
        while (step instanceof Step.Told told) {
            known.addAll(told.facts());
            step = told.next();
        }
        Steps steps = new Steps(tensor, listener, sources.size());
        if (step instanceof Step.Take take) {
            steps.tell(known);
            steps.checkSources(take.source() + 1);
            TensorInfo source = sources.get(take.source());
            return source.dtype() == dtype
                    ? new MixTensor(tensor.name(), dtype, tensor.shape(), List.of(source), Copy.BYTES)
                    : new MixTensor(tensor.name(), dtype, tensor.shape(), List.of(source), Average.SUM);
        }
        if (step instanceof Step.WeightedSum sum) {
            steps.tell(known);
            int weighed = sum.weights().length;
            steps.checkSources(weighed);
            return new MixTensor(
                    tensor.name(),
                    dtype,
                    tensor.shape(),
                    weighed == sources.size() ? sources : sources.subList(0, weighed),
                    new Average(sum.weights(), sum.divisor()));
        }
        // This checks the formulas, and tells what no value decides: what is made later does not tell it again.
        steps.way(step, known);
        boolean told = step instanceof Step.Combine;
        Later how = new Later(() -> steps.way(told ? untold(first.get()) : first.get(), List.of()));
        return new MixTensor(tensor.name(), dtype, tensor.shape(), sources, how);
    }

    private static Step untold(Step first) {
        return first instanceof Step.Told told ? untold(told.next()) : first;
    }

    /** The part of the work that stays on the processor even if the kernels are a GPU's, if there is one. */
    public static Optional<String> onHost(Way how) {
        Object work = how instanceof Measured<?> measured ? measured.reduction() : how;
        return work instanceof OnHost host ? Optional.of(host.part()) : Optional.empty();
    }

    private void tell(List<Fact> facts) {
        if (!facts.isEmpty()) {
            listener.found(tensor.name(), List.copyOf(facts));
        }
    }

    private static List<Fact> with(List<Fact> known, List<Fact> more) {
        List<Fact> all = new ArrayList<>(known);
        all.addAll(more);
        return all;
    }

    /** @param known the facts so far, which are told when no more can follow */
    private Way way(Step step, List<Fact> known) {
        if (step instanceof Step.Told told) {
            return way(told.next(), with(known, told.facts()));
        }
        if (step instanceof Step.Measure measure) {
            check(measure.formula(), false);
            return new Measured<>(
                    new Measurement(measure.formula()),
                    FOLLOWING,
                    totals -> decided(measure.next(), new Step.Totals(totals.sums(), totals.counts()), known));
        }
        if (step instanceof Reduced<?> reduced) {
            return measured(reduced, known);
        }
        if (step instanceof Step.Counted counted) {
            check(counted.formula(), true);
            Tally tally = tally(counted.formula().counts(), counted.facts(), known);
            return new Calculated(counted.formula(), Optional.of(tally));
        }
        if (step instanceof RankedDrop.Made made) {
            return made.how().apply(tally(made.counts(), made.facts(), known));
        }
        tell(known);
        if (step instanceof Step.WeightedSum sum) {
            return new Average(sum.weights(), sum.divisor());
        }
        if (step instanceof Step.Take take) {
            FormulaBuilder f = Formula.builder();
            f.out(f.source(take.source()));
            return new Calculated(f.build());
        }
        if (step instanceof Step.Combine combine) {
            check(combine.formula(), true);
            return new Calculated(combine.formula());
        }
        throw new IllegalArgumentException("a step should be one of the kinds of Step but is " + step);
    }

    /** What follows from numbers; they may leave a method nothing to divide by. */
    private <P> Way decided(Function<? super P, ? extends Step> next, P numbers, List<Fact> known) {
        try {
            return way(next.apply(numbers), known);
        } catch (ArithmeticException e) {
            throw new SoupException(
                    Reason.METHOD,
                    e.getMessage(),
                    Details.of().tensor(tensor.name()).cause(e));
        }
    }

    private void check(Formula formula, boolean out) {
        checkSources(formula.sources());
        if (formula.hasOut() != out || out && formula.sums() > 0) {
            throw new IllegalArgumentException(
                    out
                            ? "a formula that makes elements should have an output and no sums"
                            : "a formula that is measured should have no output");
        }
    }

    private void checkSources(int used) {
        if (used > sources) {
            throw new IllegalArgumentException(
                    "source " + (used - 1) + " is used, but tensor " + tensor.name() + " has " + sources);
        }
    }

    private Tally tally(int counts, Function<long[], List<Fact>> facts, List<Fact> known) {
        return new Tally(tensor.elements(), counts, all -> tell(with(known, facts.apply(all))));
    }

    private <P> Way measured(Reduced<P> reduced, List<Fact> known) {
        return new Measured<>(
                reduced.reduction(),
                FOLLOWING.or(reduced.follows()),
                numbers -> decided(reduced.next(), numbers, known));
    }
}
