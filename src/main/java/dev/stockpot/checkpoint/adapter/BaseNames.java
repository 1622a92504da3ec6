package dev.stockpot.checkpoint.adapter;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a base calls the tensors of an adapter. A base model without its head has names that lack what stands before them in the
 * whole model, such as {@code h.0.attn} for {@code transformer.h.0.attn}, or the other way round.
 */
final class BaseNames {
    private static final int MOST_CHANGES = 16;

    private final Set<String> base;
    private final String off;
    private final String on;

    private BaseNames(Set<String> base, String off, String on) {
        this.base = base;
        this.off = off;
        this.on = on;
    }

    /**
     * Finds the one change under which the base has all names, or else as many as it can have.
     *
     * @param base the base's names
     * @param wanted the adapter's, at least one of which the base has
     */
    static BaseNames of(Collection<String> base, Collection<String> wanted) {
        Set<String> has = new HashSet<>(base);
        BaseNames best = new BaseNames(has, "", "");
        long most = best.found(wanted);
        for (BaseNames other : changes(has, wanted)) {
            long found = other.found(wanted);
            if (found > most) {
                best = other;
                most = found;
            }
        }
        return best;
    }

    /** The first part off, or what the base has before the first name that it lacks. */
    private static Set<BaseNames> changes(Set<String> base, Collection<String> wanted) {
        Set<BaseNames> changes = new LinkedHashSet<>();
        Optional<String> lacking =
                wanted.stream().filter(name -> !base.contains(name)).findFirst();
        if (lacking.isPresent()) {
            String name = lacking.get();
            changes.add(new BaseNames(base, name.substring(0, name.indexOf('.') + 1), ""));
            String end = "." + name;
            base.stream()
                    .filter(other -> other.endsWith(end))
                    .sorted()
                    .limit(MOST_CHANGES)
                    .forEach(other -> changes.add(
                            new BaseNames(base, "", other.substring(0, other.length() - end.length() + 1))));
        }
        return changes;
    }

    private long found(Collection<String> wanted) {
        return wanted.stream().filter(name -> of(name).isPresent()).count();
    }

    /** The base's name for one of the adapter's; empty if it has none. */
    Optional<String> of(String name) {
        if (base.contains(name)) {
            return Optional.of(name);
        }
        String changed = changed(name);
        return base.contains(changed) ? Optional.of(changed) : Optional.empty();
    }

    /** What a name would be called in the base. */
    String changed(String name) {
        return !off.isEmpty() && name.startsWith(off) ? name.substring(off.length()) : on + name;
    }
}
