package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.adapter.AdapterMean;
import dev.stockpot.soup.options.AdapterWay;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.soup.options.MatchReport;
import dev.stockpot.soup.options.OnMissing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Checkpoints that fit together: the tensors of the first, each with its counterparts in the others. The first ingredient
 * is the pattern for order, dtypes, metadata, integer tensors and the files next to the weights.
 *
 * @param checkpoints with the names of the soup, which some have others for in their files
 * @param tensors by name
 * @param ties tensors that are tied to others in all of them
 * @param report what was done with tensors that not all have alike
 * @param notes the same and the like, for the user
 * @param adapters whose factors are averaged exactly, and are not among {@code tensors}; empty for models
 * @param told what a recipe must say of adapters to be made again
 */
public record Ingredients(
        List<Checkpoint> checkpoints,
        Map<String, Counterparts> tensors,
        Map<String, String> ties,
        MatchReport report,
        List<String> notes,
        Optional<AdapterMean> adapters,
        Map<String, String> told) {
    private static final String RANK = "soup.rank";
    private static final String ADAPTERS = "soup.adapters";
    private static final String FACTORS = "factors";

    /** Keys of {@link #told}. */
    static final List<String> TOLD = List.of(RANK, ADAPTERS);

    /**
     * Matches tensors by name, after names that certainly mean the same were made the same.
     *
     * @throws SoupException if names, shapes or kinds differ, and {@code options} do not say what to do
     */
    public static Ingredients match(List<Checkpoint> checkpoints, MatchOptions options) {
        return match(checkpoints, options, true);
    }

    /**
     * The same for work that needs every tensor in every ingredient: none can be kept that some lack.
     *
     * @throws SoupException also if {@code options} say to keep such tensors
     */
    public static Ingredients matchCommon(List<Checkpoint> checkpoints, MatchOptions options) {
        if (options.onMissing() == OnMissing.KEEP) {
            throw new SoupException(
                    Reason.WRONG_CHOICE,
                    "a learned soup has only tensors that every ingredient has; it cannot keep others");
        }
        return match(checkpoints, options, false);
    }

    /**
     * Ingredients, and the model that they are compared with.
     *
     * @param base under the names of the ingredients
     */
    public record WithBase(Ingredients ingredients, Optional<Checkpoint> base) {}

    /**
     * Matches ingredients that are measured, seen from {@code base} if there is one; that may lack tensors, or have others.
     *
     * @throws SoupException as for {@link #match(List, MatchOptions)}
     */
    public static WithBase matchWithBase(
            List<Checkpoint> checkpoints, Optional<Checkpoint> base, MatchOptions options) {
        if (base.isEmpty()) {
            return new WithBase(match(checkpoints, options, false), base);
        }
        List<Checkpoint> all = new ArrayList<>(checkpoints);
        all.add(base.get());
        Alignment aligned = Alignment.of(all, options);
        int last = checkpoints.size();
        Alignment without = new Alignment(
                aligned.checkpoints().subList(0, last), aligned.ties(), aligned.excluded(), aligned.notes());
        return new WithBase(
                of(without, options, false), Optional.of(aligned.checkpoints().get(last)));
    }

    private static Ingredients match(List<Checkpoint> checkpoints, MatchOptions options, boolean keeps) {
        if (checkpoints.isEmpty()) {
            throw new SoupException(Reason.NO_INGREDIENTS, "a soup needs at least one ingredient");
        }
        return of(Alignment.of(checkpoints, options), options, keeps);
    }

    /**
     * Matches the tensors of some of the checkpoints of others, under the names that they have there.
     *
     * @param excluded the names that were left out of all of them
     * @throws SoupException if names, shapes or kinds differ, and {@code options} do not say what to do
     */
    public static Ingredients matchAligned(List<Checkpoint> some, MatchOptions options, List<String> excluded) {
        return of(new Alignment(some, Map.of(), excluded, List.of()), options, true);
    }

    static Ingredients of(Alignment aligned, MatchOptions options, boolean keeps) {
        boolean averaged = keeps && AdapterMean.isAdapter(aligned.checkpoints().get(0));
        boolean exact = averaged && options.adapters() == AdapterWay.EXACT;
        Alignment whole = exact ? aligned.withoutFactors() : aligned;
        Optional<AdapterMean> adapters =
                exact ? Optional.of(AdapterMean.of(aligned.checkpoints(), options)) : Optional.empty();
        List<Checkpoint> checkpoints = whole.checkpoints();
        Matching matching = new Matching(checkpoints, options);
        Map<String, Counterparts> tensors = new LinkedHashMap<>();
        for (String name : names(checkpoints, options, keeps)) {
            tensors.put(name, matching.of(name));
        }
        List<String> notes = new ArrayList<>(whole.notes());
        MatchReport report = MatchNotes.report(whole, tensors, options, notes);
        MatchNotes.reshaped(matching.reshaped(), notes);
        adapters.ifPresent(mean -> notes.addAll(mean.notes()));
        return new Ingredients(
                List.copyOf(aligned.checkpoints()),
                tensors,
                aligned.ties(),
                report,
                notes,
                adapters,
                averaged ? told(options) : Map.of());
    }

    private static Map<String, String> told(MatchOptions options) {
        if (options.adapters() == AdapterWay.FACTORS) {
            return Map.of(ADAPTERS, FACTORS);
        }
        return options.rank().isPresent()
                ? Map.of(RANK, Integer.toString(options.rank().getAsInt()))
                : Map.of();
    }

    /**
     * Options that average adapters as a recipe has {@link #told}.
     *
     * @throws SoupException if it has told nonsense
     */
    public static MatchOptions.Builder adapters(Map<String, String> soup) {
        MatchOptions.Builder options = MatchOptions.builder();
        try {
            if (soup.containsKey(RANK)) {
                options.rank(Integer.parseInt(soup.get(RANK)));
            }
        } catch (IllegalArgumentException e) {
            throw new SoupException(
                    Reason.RECIPE,
                    RANK + " should be a whole number of at least 1 but is " + soup.get(RANK),
                    Details.of().cause(e));
        }
        boolean apart = FACTORS.equals(soup.get(ADAPTERS)) || "learned".equals(soup.get("soup.recipe"));
        return options.adapters(apart ? AdapterWay.FACTORS : AdapterWay.EXACT);
    }

    Checkpoint first() {
        return checkpoints.get(0);
    }

    private static Set<String> names(List<Checkpoint> checkpoints, MatchOptions options, boolean keeps) {
        Checkpoint first = checkpoints.get(0);
        Set<String> names = first.tensors().keySet();
        for (Checkpoint other : checkpoints.subList(1, checkpoints.size())) {
            if (Alignment.haveSameNames(other.tensors(), first.tensors())) {
                continue;
            }
            switch (options.onMissing()) {
                case ERROR -> throw new Differences(checkpoints, options).ofNames(other, keeps);
                case SKIP -> {
                    if (Differences.isFew(first, other)) {
                        throw new Differences(checkpoints, options).ofNames(other, keeps);
                    }
                    names = new LinkedHashSet<>(names);
                    names.retainAll(other.tensors().keySet());
                }
                case KEEP -> {
                    if (Differences.isFew(first, other)) {
                        throw new Differences(checkpoints, options).ofNames(other, keeps);
                    }
                    names = new LinkedHashSet<>(names);
                    names.addAll(other.tensors().keySet());
                }
            }
        }
        if (names.isEmpty() && !first.tensors().isEmpty()) {
            throw new SoupException(
                    Reason.NOTHING_IN_COMMON,
                    "the ingredients have no tensor in common",
                    Details.of().hint("these are several models, or their tensors were renamed"));
        }
        return names;
    }
}
