package dev.stockpot.merge.method;

import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.merge.MergeTensor;

/** What element-wise methods make of the models' elements at an index. */
final class ElementFormulas {
    private ElementFormulas() {}

    /** The base moved towards the model by at most t. */
    static Value nearSwap(FormulaBuilder f, MergeTensor tensor, Shares shares) {
        Value base = f.source(tensor.baseSource());
        Value model = f.source(0);
        Value distance = f.max(f.abs(f.sub(base, model)), f.constant(1e-6));
        Value share = f.min(f.div(f.constant(tensor.number("t")), distance), f.constant(1));
        share = f.max(share, f.constant(0));
        shares.single("taken", f.equal(share, f.constant(1)));
        return f.add(f.mul(share, model), f.mul(f.sub(f.constant(1), share), base));
    }

    /** The base and the mean of the deltas that are large enough. */
    static Value reinforced(FormulaBuilder f, MergeTensor tensor, Shares shares) {
        Value base = f.source(tensor.baseSource());
        Value zero = f.constant(0);
        Value one = f.constant(1);
        Value sum = null;
        Value active = null;
        for (int k = 0; k < tensor.models(); k++) {
            Value delta = f.sub(f.source(k), base);
            Value isActive = f.less(f.constant(tensor.number("epsilon")), f.abs(delta));
            shares.add(Shares.KEPT, isActive);
            Value part = f.select(isActive, delta, zero);
            sum = sum == null ? part : f.add(sum, part);
            active = active == null ? isActive : f.add(active, isActive);
        }
        return f.add(base, f.div(sum, f.max(active, one)));
    }

    /** The first model, and the weighted difference of the second from the base. */
    static Value addDifference(FormulaBuilder f, MergeTensor tensor, Shares shares) {
        Value difference = f.sub(f.source(1), f.source(tensor.baseSource()));
        return f.fma(f.constant(tensor.number("weight")), difference, f.source(0));
    }

    /** The largest delta among those with the sign of their sum, 0 counting as positive. */
    static Value electedMaximum(FormulaBuilder f, MergeTensor tensor, Shares shares) {
        Value base = f.source(tensor.baseSource());
        Value[] deltas = Gram.deltas(f, tensor.baseSource(), tensor.models());
        Value zero = f.constant(0);
        Value sum = deltas[0];
        Value most = f.max(deltas[0], zero);
        Value least = f.min(deltas[0], zero);
        for (int k = 1; k < deltas.length; k++) {
            sum = f.add(sum, deltas[k]);
            most = f.max(most, deltas[k]);
            least = f.min(least, deltas[k]);
        }
        Value negative = f.less(sum, zero);
        for (Value delta : tensor.facts() ? deltas : new Value[0]) {
            Value agrees = f.select(negative, f.less(delta, zero), f.less(zero, delta));
            shares.add(Shares.AGREEMENT, agrees, delta);
        }
        return f.fma(f.constant(tensor.number("lambda")), f.select(negative, least, most), base);
    }

    /** The mean of the middle one or two. */
    static Value median(FormulaBuilder f, MergeTensor tensor, Shares shares) {
        Value[] sorted = sorted(f, tensor.models());
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : f.mul(f.add(sorted[middle - 1], sorted[middle]), f.constant(0.5));
    }

    /** The mean of all but the least and greatest {@code trim}. */
    static Value trimmedMean(FormulaBuilder f, MergeTensor tensor, Shares shares) {
        Value[] sorted = sorted(f, tensor.models());
        double each = tensor.number("trim");
        if (each != Math.rint(each)) {
            throw new IllegalArgumentException("trim should be a whole number but got " + each);
        }
        int trim = Math.min((int) each, (sorted.length - 1) / 2);
        Value sum = sorted[trim];
        for (int k = trim + 1; k < sorted.length - trim; k++) {
            sum = f.add(sum, sorted[k]);
        }
        return f.div(sum, f.constant(sorted.length - 2.0 * trim));
    }

    /** The models' elements in ascending order, by exchanges of neighbours (odd-even transposition sort). */
    private static Value[] sorted(FormulaBuilder f, int models) {
        Value[] x = Gram.models(f, models);
        for (int round = 0; round < models; round++) {
            for (int k = round % 2; k + 1 < models; k += 2) {
                Value lower = f.min(x[k], x[k + 1]);
                x[k + 1] = f.max(x[k], x[k + 1]);
                x[k] = lower;
            }
        }
        return x;
    }
}
