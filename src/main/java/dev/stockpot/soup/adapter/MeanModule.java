package dev.stockpot.soup.adapter;

import dev.stockpot.checkpoint.adapter.AdaptedModule;
import dev.stockpot.checkpoint.adapter.FactorValues;
import dev.stockpot.checkpoint.adapter.Factors;
import dev.stockpot.checkpoint.adapter.ProductValues;
import dev.stockpot.checkpoint.adapter.Side;
import dev.stockpot.engine.Average;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.MemorySource;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The factors of one module of an average: those of its ingredients side by side. What the whole is multiplied with is PEFT's
 * business, by {@code lora_alpha}; a factor B is only multiplied with how many times that its own share is. So of equal shares,
 * and of those that differ by powers of two, every bit stays.
 */
final class MeanModule {
    private final List<AdaptedModule> parts;
    private final double[] shares;
    private final double scale;
    private final OptionalInt wanted;
    private final Optional<DType> dtype;
    private final Optional<RankReduction> reduction;

    /**
     * @param parts of the ingredients that have the module, at least one
     * @param shares what each product is multiplied with in the average
     * @param wanted the rank to reduce it to, if it has a higher one
     * @param dtype of the factors; empty for the ingredients' own
     */
    MeanModule(List<AdaptedModule> parts, double[] shares, OptionalInt wanted, Optional<DType> dtype) {
        this.dtype = dtype;
        this.wanted = wanted;
        List<AdaptedModule> all = new ArrayList<>();
        List<Double> own = new ArrayList<>();
        for (int k = 0; k < parts.size(); k++) {
            // One that does not count needs no place in the rank; but there must be one.
            if (shares[k] != 0 || k == parts.size() - 1 && all.isEmpty()) {
                all.add(parts.get(k));
                own.add(shares[k]);
            }
        }
        this.parts = List.copyOf(all);
        this.shares = own.stream().mapToDouble(Double::doubleValue).toArray();
        this.reduction = wanted.isPresent() && wanted.getAsInt() < sum()
                ? Optional.of(new RankReduction(a(), b(1), rank()))
                : Optional.empty();
        this.scale = reduction.isPresent() ? 1 : least();
    }

    /** The least share, so that no other is multiplied with a fraction. */
    private double least() {
        double least = Double.POSITIVE_INFINITY;
        for (double share : shares) {
            least = share == 0 ? least : Math.min(least, Math.abs(share));
        }
        return Double.isInfinite(least) ? 1 : least;
    }

    private int sum() {
        int sum = 0;
        for (AdaptedModule part : parts) {
            sum = Math.addExact(sum, part.rank());
        }
        return sum;
    }

    String name() {
        return parts.get(0).name();
    }

    /** Whether a part has a change of a bias. */
    boolean hasBias() {
        return parts.stream().anyMatch(part -> part.bias().isPresent());
    }

    /** The ranks of the ingredients together. */
    int fullRank() {
        return sum();
    }

    /** The rank of its factors. */
    int rank() {
        return wanted.isPresent() ? Math.min(wanted.getAsInt(), sum()) : sum();
    }

    /** {@code lora_alpha} with which PEFT's scale, {@code lora_alpha / r}, is the one that is meant. */
    double alpha() {
        double alpha = scale * rank();
        for (double near : new double[] {Math.nextUp(alpha), Math.nextDown(alpha)}) {
            alpha = alpha / rank() != scale && near / rank() == scale ? near : alpha;
        }
        return alpha;
    }

    /** How it was reduced, if it was. */
    Optional<RankReduction> reduction() {
        return reduction;
    }

    /** Its tensors. */
    List<MixTensor> tensors() {
        List<MixTensor> tensors = new ArrayList<>();
        AdaptedModule first = parts.get(0);
        DType wide = dtype.orElse(widest());
        DType type = dtype.orElse(keepsBits() ? wide : wider(wide, DType.F32));
        if (reduction.isPresent()) {
            Side ofA = reduction.get().forA();
            Side ofB = reduction.get().forB();
            tensors.add(calculated(first.a(), 0, wide, new ProductValues(Optional.empty(), ofA, a(), wide)));
            tensors.add(calculated(first.b(), 1, wide, new ProductValues(Optional.empty(), b(1), ofB, wide)));
        } else {
            tensors.add(stacked(wide));
            boolean same = parts.size() == 1 && shares[0] == scale;
            tensors.add(
                    same
                            ? new MixTensor(first.b().name(), type, first.b().shape(), List.of(first.b()), Average.SUM)
                            : calculated(first.b(), 1, type, new FactorValues(b(scale), type)));
        }
        addBias(tensors);
        return tensors;
    }

    /** The factors A, one after another. */
    private MixTensor stacked(DType type) {
        List<MixTensor> rest = new ArrayList<>();
        TensorInfo first = parts.get(0).a();
        for (AdaptedModule part : parts.subList(1, parts.size())) {
            TensorInfo a = part.a();
            rest.add(new MixTensor(first.name(), type, a.shape(), List.of(a), Average.SUM));
        }
        return new MixTensor(first.name(), type, sized(first, 0), List.of(first), Average.SUM, rest);
    }

    private MixTensor calculated(TensorInfo like, int along, DType type, TensorMemory values) {
        List<Long> shape = sized(like, along);
        MemorySource source = new MemorySource(like.source() + ": " + like.name() + " and others", values);
        TensorInfo tensor = new TensorInfo(like.name(), type, shape, source, 0, values.bytes());
        return new MixTensor(like.name(), type, shape, List.of(tensor), Average.SUM);
    }

    /** A factor's shape with the rank of the result. */
    private List<Long> sized(TensorInfo factor, int along) {
        List<Long> shape = new ArrayList<>(factor.shape());
        shape.set(along, (long) rank());
        return shape;
    }

    private Factors a() {
        return new Factors(parts.stream()
                .map(part -> new Factors.Part(part.a(), part.rank(), true, 1))
                .toList());
    }

    /** B's, each times its share of {@code whole}. */
    private Factors b(double whole) {
        List<Factors.Part> all = new ArrayList<>();
        for (AdaptedModule part : parts) {
            all.add(new Factors.Part(part.b(), part.rank(), false, shares[all.size()] / whole));
        }
        return new Factors(all);
    }

    private void addBias(List<MixTensor> tensors) {
        List<TensorInfo> biases = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        for (int k = 0; k < parts.size(); k++) {
            if (parts.get(k).bias().isPresent()) {
                biases.add(parts.get(k).bias().get());
                weights.add(shares[k] / scale);
            }
        }
        if (!biases.isEmpty()) {
            TensorInfo first = biases.get(0);
            double[] all = weights.stream().mapToDouble(Double::doubleValue).toArray();
            tensors.add(new MixTensor(
                    first.name(), dtype.orElse(first.dtype()), first.shape(), biases, new Average(all, 1)));
        }
    }

    /** Whether every B is multiplied with a power of two. */
    private boolean keepsBits() {
        for (double share : shares) {
            double times = share / scale;
            if (Math.abs(times) != Math.scalb(1.0, Math.getExponent(times))) {
                return false;
            }
        }
        return true;
    }

    /** A type that holds the values of all factors. */
    private DType widest() {
        DType type = parts.get(0).a().dtype();
        for (AdaptedModule part : parts) {
            type = wider(wider(type, part.a().dtype()), part.b().dtype());
        }
        return type;
    }

    private static DType wider(DType a, DType b) {
        if (a == b) {
            return a;
        }
        return a == DType.F64 || b == DType.F64 ? DType.F64 : DType.F32;
    }
}
