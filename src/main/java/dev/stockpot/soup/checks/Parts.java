package dev.stockpot.soup.checks;

import dev.stockpot.checkpoint.file.PartName;
import dev.stockpot.run.Concern;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Files that hold a part of a model each. Their tensors may even agree in names and shapes: those of ranks do. */
final class Parts {
    private static final String ADVICE =
            "make one checkpoint of a model's parts first, or give the folder or index that has" + " them all";

    private Parts() {}

    static void check(Models models) {
        List<Integer> parts = new ArrayList<>();
        List<PartName> names = new ArrayList<>();
        boolean differ = false;
        boolean certain = false;
        for (int model = 0; model < models.count(); model++) {
            Optional<PartName> name = name(models, model);
            if (name.isPresent()) {
                for (PartName other : names) {
                    boolean differs = name.get().isOtherPartThan(other);
                    differ = differ || differs;
                    certain = certain || differs && name.get().certain();
                }
                parts.add(model);
                names.add(name.get());
            }
        }
        if (differ && !certain && share(models, parts)) {
            models.doubt(Doubt.warn(
                    parts,
                    "are named like parts (shards or ranks) of a model, but each has the same tensors: they are taken for"
                            + " models of their own",
                    "if they are ranks of one model, make one checkpoint of them first"));
        } else if (differ) {
            models.doubt(Doubt.stop(
                    Concern.PARTS,
                    parts,
                    "are different parts (shards or ranks) of a model, as their names say, not models",
                    ADVICE));
        } else if (!parts.isEmpty()) {
            alone(models, parts, names);
        }
    }

    /** Whether all have names of tensors in common: shards of one model have not, but ranks have, as models do. */
    private static boolean share(Models models, List<Integer> parts) {
        Set<String> first = models.header(parts.get(0)).tensors().keySet();
        for (int part : parts.subList(1, parts.size())) {
            if (Collections.disjoint(first, models.header(part).tensors().keySet())) {
                return false;
            }
        }
        return true;
    }

    /** One part of each model: a soup of them is again a part. */
    private static void alone(Models models, List<Integer> parts, List<PartName> names) {
        List<Integer> alone = new ArrayList<>();
        PartName first = null;
        for (int i = 0; i < parts.size(); i++) {
            if (names.get(i).certain() && names.get(i).isOneOfSeveral(models.file(parts.get(i)))) {
                alone.add(parts.get(i));
                first = first == null ? names.get(i) : first;
            }
        }
        if (first != null) {
            String which = first.part() + (first.of() == 0 ? "" : " of " + first.of());
            models.doubt(Doubt.warn(
                    alone,
                    (alone.size() == 1 ? "is" : "are") + " only one part (" + which
                            + ") of a model, a shard or rank as the name says",
                    ADVICE));
        }
    }

    /** Of a model in one file; where there are several, an index has put them together. */
    private static Optional<PartName> name(Models models, int model) {
        Path file = models.file(model);
        boolean whole = file == null || models.checkpoint(model).files().size() > 1;
        // The rank in the name of an adapter is that of its factors.
        return whole || models.header(model).factor() != null ? Optional.empty() : PartName.of(file);
    }
}
