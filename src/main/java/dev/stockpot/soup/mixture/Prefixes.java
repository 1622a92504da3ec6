package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.file.AveragedModel;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.NameList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Takes prefixes off the names of the checkpoints that have them where others do not. It is certain that they are the same
 * names: without the prefix, all of them are. A prefix that every checkpoint has belongs to the model and stays.
 */
final class Prefixes {
    /** What wraps a whole model: DataParallel and AveragedModel, torch.compile, Lightning, FSDP, DeepSpeed. */
    private static final Set<String> WRAPPERS = Set.of(
            "module", "_orig_mod", "model", "_fsdp_wrapped_module", "_forward_module", "_checkpoint_wrapped_module");

    /** Which of them wrap parts of a model too, and are no module's own name. */
    private static final Set<String> INNER = Set.of("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module");

    private Prefixes() {}

    /** The checkpoints with the names that all of them then have; those that differ in more stay as they are. */
    static List<Checkpoint> takenOff(List<Checkpoint> checkpoints, List<String> notes) {
        for (boolean inner : new boolean[] {false, true}) {
            Optional<Map<Integer, Names>> alike = alike(checkpoints, inner);
            if (alike.isPresent()) {
                return apply(checkpoints, alike.get(), notes);
            }
        }
        return checkpoints;
    }

    /**
     * A checkpoint's names.
     *
     * @param prefix that all have in common, with the dot after it
     * @param rests what is after it, by the name in the file
     * @param counter whether there is an AveragedModel's counter besides
     */
    private record Names(String prefix, Map<String, String> rests, boolean counter) {
        static Names of(Checkpoint checkpoint, boolean inner) {
            boolean counter = AveragedModel.has(checkpoint.tensors().keySet(), AveragedModel.MODULE);
            Map<String, String> rests = new LinkedHashMap<>();
            for (String name : checkpoint.tensors().keySet()) {
                if (!(counter && name.equals(AveragedModel.COUNTER))) {
                    rests.put(name, inner ? withoutInner(name) : name);
                }
            }
            String prefix = commonPrefix(rests.values());
            rests.replaceAll((name, rest) -> rest.substring(prefix.length()));
            return new Names(prefix, rests, counter);
        }

        Set<String> base() {
            return new HashSet<>(rests.values());
        }
    }

    /** The names of all checkpoints whose names are the first one's but for a prefix; empty if that explains nothing. */
    private static Optional<Map<Integer, Names>> alike(List<Checkpoint> checkpoints, boolean inner) {
        Map<Integer, Names> alike = new TreeMap<>();
        Names first = Names.of(checkpoints.get(0), inner);
        Set<String> base = first.base();
        boolean plain = false;
        for (int k = 0; k < checkpoints.size(); k++) {
            Names names = k == 0 ? first : Names.of(checkpoints.get(k), inner);
            if (names.rests().size() == base.size() && (k == 0 || names.base().equals(base))) {
                alike.put(k, names);
            }
        }
        if (!alike.containsKey(0)
                || alike.keySet().stream()
                        .allMatch(k -> checkpoints
                                .get(k)
                                .tensors()
                                .keySet()
                                .equals(checkpoints.get(0).tensors().keySet()))) {
            return Optional.empty();
        }
        String kept = kept(alike.values());
        boolean wrappers = true;
        for (Names names : alike.values()) {
            String off = off(names, kept);
            plain |= off.isEmpty();
            wrappers &= off.isEmpty() || WRAPPERS.containsAll(List.of(off.split("\\.")));
        }
        return plain || wrappers ? Optional.of(alike) : Optional.empty();
    }

    private static List<Checkpoint> apply(List<Checkpoint> checkpoints, Map<Integer, Names> alike, List<String> notes) {
        String kept = kept(alike.values());
        List<Checkpoint> renamed = new ArrayList<>(checkpoints);
        Map<String, List<String>> told = new LinkedHashMap<>();
        alike.forEach((k, names) -> {
            Checkpoint checkpoint = checkpoints.get(k);
            List<TensorInfo> tensors = new ArrayList<>();
            names.rests()
                    .forEach((name, rest) ->
                            tensors.add(checkpoint.tensors().get(name).named(kept + rest)));
            boolean same = tensors.stream().allMatch(t -> checkpoint.tensors().containsKey(t.name()));
            if (!same || names.counter()) {
                renamed.set(k, checkpoint.withTensors(tensors));
                String what = taken(off(names, kept), same)
                        + (names.counter() ? (same ? "" : ", ") + AveragedModel.COUNTER + " left out" : "");
                told.computeIfAbsent(what, w -> new ArrayList<>())
                        .add(checkpoint.path().toString());
            }
        });
        told.forEach((what, paths) ->
                notes.add(NameList.of(paths) + ": " + what + "; without that, all names are the same"));
        return renamed;
    }

    private static String taken(String off, boolean same) {
        String what = off.isEmpty() ? "modules that only wrap others are" : "the prefix " + off + " is";
        return same ? "" : what + " taken off all names";
    }

    /** What is taken off: the part of the prefix before {@code kept}. */
    private static String off(Names names, String kept) {
        return names.prefix().substring(0, names.prefix().length() - kept.length());
    }

    /** The part of the prefixes that all of them end with, which belongs to the model. */
    private static String kept(Collection<Names> all) {
        String kept = null;
        for (Names names : all) {
            kept = kept == null ? names.prefix() : commonEnd(kept, names.prefix());
        }
        return kept;
    }

    /** The longest text that both end with, from the beginning of a part between dots. */
    private static String commonEnd(String a, String b) {
        String end = a;
        while (!b.endsWith(end) || !(b.length() == end.length() || b.charAt(b.length() - end.length() - 1) == '.')) {
            end = end.substring(end.indexOf('.') + 1);
            if (end.isEmpty()) {
                break;
            }
        }
        return end;
    }

    /** The longest text that ends with a dot and begins all of {@code names}, none of which ends there. */
    static String commonPrefix(Collection<String> names) {
        String prefix = null;
        for (String name : names) {
            String all = prefix == null ? name : prefix;
            int same = 0;
            int most = Math.min(all.length(), name.length() - 1);
            while (same < most && all.charAt(same) == name.charAt(same)) {
                same++;
            }
            prefix = all.substring(0, all.lastIndexOf('.', same - 1) + 1);
        }
        return prefix == null ? "" : prefix;
    }

    private static String withoutInner(String name) {
        StringBuilder rest = new StringBuilder();
        String[] parts = name.split("\\.", -1);
        for (int k = 0; k < parts.length; k++) {
            if (k == parts.length - 1 || !INNER.contains(parts[k])) {
                rest.append(rest.isEmpty() ? "" : ".").append(parts[k]);
            }
        }
        return rest.toString();
    }
}
